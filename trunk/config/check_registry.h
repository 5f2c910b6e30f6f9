#pragma once

#include "config/binder.h"
#include "config/config.h"

namespace weir::config {

// What can be seen of `registry { ... }` without asking anybody.
void check_registry(const Config& config, Binder& binder, Problems& problems);

}  // namespace weir::config
