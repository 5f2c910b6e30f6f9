#pragma once

#include <chrono>

#include "hub/packager.h"
#include "pack/envelope.h"

namespace weir::pack {

// A transport stream: what a frame gives, in the envelope. Every place where a newcomer may start begins with the
// tables and a clock reference; continuity counters run on from message to message. Audio is held for `audio_hold` at
// most to share packets; with min_latency it is not.
hub::PackagerFactory make_ts(Envelope envelope, std::chrono::milliseconds audio_hold = std::chrono::milliseconds(200));

}  // namespace weir::pack
