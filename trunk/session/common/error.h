#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::session {

// Why a publisher is ended, or what is fetched, whatever its protocol.
enum class Errc : std::uint8_t {
  ok = 0,
  tracks_change_too_often,  // publish.max_track_changes
  no_transport_stream,      // what comes is none
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "session")

}  // namespace weir::session

WEIR_ERROR_ENUM(weir::session::Errc)
