#pragma once

#include "hub/packager.h"
#include "pack/envelope.h"

namespace weir::pack {

// A transport stream: what a frame gives, in the envelope. Every place where a newcomer may start begins with the
// tables and a clock reference; continuity counters run on from message to message.
hub::PackagerFactory make_ts(Envelope envelope);

}  // namespace weir::pack
