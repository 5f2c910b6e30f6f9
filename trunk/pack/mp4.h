#pragma once

#include "hub/packager.h"
#include "pack/envelope.h"

namespace weir::pack {

// Fragmented MP4: fragments of a tenth of a second (of one frame with min_latency), each in the envelope; newcomers get
// the initialisation segment before.
hub::PackagerFactory make_mp4(Envelope envelope);

}  // namespace weir::pack
