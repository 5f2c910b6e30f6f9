#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::mp4 {

enum class Errc : std::uint8_t {
  ok = 0,
  truncated,          // the bytes end inside a box header or a field
  box_past_end,       // a box is longer than what holds it
  box_too_small,      // a box is shorter than its own header
  box_too_large,      // more bytes than the limit
  missing_box,        // a box that must be there is not
  bad_version,        // a version of a box that does not exist
  bad_table,          // a sample table whose counts do not fit its size or one another
  too_many_tracks,    // more tracks than the limit
  too_many_samples,   // more samples than the limit
  unknown_track,      // a fragment of a track that the movie does not have
  unsupported_codec,  // a codec that has no place in this format, or a sample entry that is not known
  no_configuration,   // the codec's configuration, or a first frame in its place, is missing or cannot be read
  no_tracks,          // nothing to write
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "mp4")

}  // namespace weir::mp4

WEIR_ERROR_ENUM(weir::mp4::Errc)
