#pragma once

#include "hub/packager.h"
#include "pack/envelope.h"

namespace weir::pack {

// FLV tags, each in the envelope.
hub::PackagerFactory make_flv(Envelope envelope);

}  // namespace weir::pack
