#pragma once

#include "base/bytes.h"

namespace weir::codec {

// True if a length-prefixed access unit of H.264 or HEVC carries CEA-608 captions with something in them: user data of
// ATSC A/53 part 4 in a supplemental enhancement message (ITU-T T.35, "GA94").
bool has_captions(base::Bytes access_unit, unsigned nal_length_bytes, bool hevc);

}  // namespace weir::codec
