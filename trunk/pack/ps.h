#pragma once

#include "hub/packager.h"

namespace weir::pack {

// A program stream as platforms of GB/T 28181 take it: each wire is the pack of one frame. Where a newcomer may start
// the pack holds system header and stream map.
std::unique_ptr<hub::Packager> make_ps(const config::Vhost& vhost);

}  // namespace weir::pack
