#pragma once

#include <memory>

#include "hub/packager.h"

namespace weir::pack {

// FLV tags, as HTTP-FLV sends them.
std::unique_ptr<hub::Packager> make_flv(const config::Vhost& vhost);
// The same, each tag a binary WebSocket message.
std::unique_ptr<hub::Packager> make_ws_flv(const config::Vhost& vhost);

}  // namespace weir::pack
