#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::hub {

enum class Errc : std::uint8_t {
  ok = 0,
  busy,      // somebody publishes that name already
  no_vhost,  // no such virtual host, and no default one
  no_stream_name,
  refused,           // by a rule, a hook or a token
  limit,             // a configured number is reached
  unpublished,       // the publisher left
  nobody_published,  // the player waited for publish_wait
  not_carried,       // the format has no place for any track of the stream
  draining,          // the server is about to stop
  no_memory,         // the memory budget of the process is used up
  taken_over,        // another publisher has the name now
  id_taken,          // a session of that id is listed already
  elsewhere,         // another server has the stream; see Refusal
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "hub")

}  // namespace weir::hub

WEIR_ERROR_ENUM(weir::hub::Errc)
