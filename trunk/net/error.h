#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::net {

enum class Errc : std::uint8_t {
  ok = 0,
  end_of_stream,  // the peer closed its side in order
  would_block,    // nothing to read, or no room to write, just now
  timed_out,      // a step took longer than its limit
  stopped,        // this session was told to stop: kicked, or the server ends
  stalled,        // a writer made no progress for send_timeout
  too_large,      // more than a limit allows
  tls_failed,     // handshake or record failed; the log line before says why
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "net")

}  // namespace weir::net

WEIR_ERROR_ENUM(weir::net::Errc)
