#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::session::webrtc {

// Why a session ended or never began.
enum class Errc : std::uint8_t {
  ok = 0,
  no_check,       // the peer never reached us: a firewall, or a candidate that is not ours
  gone_silent,    // nothing that is authentic came for stun_timeout
  left,           // the peer said good-bye
  deleted,        // by HTTP DELETE
  handshake,      // DTLS failed; the log has its words
  too_many,       // offers of this address, or of all, that no check has come for
  ufrag_taken,    // the ice-ufrag that was asked for is another session's
  ports_closed,   // rtc_server was switched off
  not_to_be_had,  // the stream, from where it should be fetched
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "webrtc")

}  // namespace weir::session::webrtc

WEIR_ERROR_ENUM(weir::session::webrtc::Errc)
