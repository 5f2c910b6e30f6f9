#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::session::srt {

enum class Errc : std::uint8_t {
  ok = 0,
  off_in_vhost,   // vhost.srt.enabled is off
  closed,         // the port is no longer one of an srt_server that is on
  plays_only,     // srt_server.direction is out
  takes_only,     // in
  key_asked,      // its passphrase is asked for: it may come again
  key_unknown,    // nobody could say it
  key_refused,    // nobody may call for this stream, says http_hooks.on_srt_passphrase
  key_questions,  // too many passphrases are asked for
  no_media,       // a transport stream, but nothing of it that is known, for firstpkt_timeout
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "srt session")

}  // namespace weir::session::srt

WEIR_ERROR_ENUM(weir::session::srt::Errc)
