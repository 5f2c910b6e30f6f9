#pragma once

#include <memory>

#include "hub/packager.h"

namespace weir::pack {

// RTMP messages on message stream 1 with our chunk streams, each with a full header: the same bytes for every player.
std::unique_ptr<hub::Packager> make_rtmp(const config::Vhost& vhost);
// Further tracks too, as multitrack messages of one track each.
std::unique_ptr<hub::Packager> make_rtmp_multitrack(const config::Vhost& vhost);

}  // namespace weir::pack
