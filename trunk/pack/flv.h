#pragma once

#include "hub/packager.h"
#include "pack/envelope.h"

namespace weir::pack {

// FLV tags, each in the envelope.
hub::PackagerFactory make_flv(Envelope envelope);
// The same by these settings, whatever those of the virtual host are.
hub::PackagerFactory make_flv(Envelope envelope, const config::HttpRemux& settings);

}  // namespace weir::pack
