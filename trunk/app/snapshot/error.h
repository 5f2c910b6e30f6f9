#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::snapshot {

// Why there is no picture of a stream.
enum class Errc : std::uint8_t {
  ok = 0,
  no_stream,   // nobody publishes it
  no_video,    // or one of a codec that cannot be given to the program
  no_key,      // none of its key frames is kept: it has just begun, say
  busy,        // too many are waited for
  no_picture,  // the program made none
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "snapshot")

}  // namespace weir::snapshot

WEIR_ERROR_ENUM(weir::snapshot::Errc)
