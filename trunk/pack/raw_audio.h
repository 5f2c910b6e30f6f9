#pragma once

#include "hub/packager.h"
#include "pack/envelope.h"

namespace weir::pack {

// The first audio track alone, frame by frame, each in the envelope: AAC with ADTS headers, MP3 as it is. A newcomer
// gets the last `fast_cache` seconds at once, as far as the GOP cache's limits of time, and if that is on.
hub::PackagerFactory make_aac(Envelope envelope);
hub::PackagerFactory make_mp3(Envelope envelope);

}  // namespace weir::pack
