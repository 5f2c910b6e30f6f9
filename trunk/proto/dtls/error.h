#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::dtls {

// Why a handshake or an association ended.
enum class Errc : std::uint8_t {
  ok = 0,
  no_identity,           // the certificate could not be made or read
  handshake_failed,      // OpenSSL refused a message; Endpoint::failure() says which
  fingerprint_mismatch,  // the peer's certificate is none of those that its SDP announced (RFC 8122)
  no_certificate,        // the peer showed none
  no_srtp_profile,       // the peer supports none of ours (RFC 5764)
  closed_by_peer,        // close_notify or a fatal alert
  timed_out,             // no answer within the handshake limit
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "dtls")

}  // namespace weir::dtls

WEIR_ERROR_ENUM(weir::dtls::Errc)
