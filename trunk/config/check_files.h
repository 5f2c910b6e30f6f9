#pragma once

#include "config/binder.h"
#include "config/load.h"

namespace weir::config {

// Warns of files and folders that settings in use name and that are not there, or cannot be read or written.
void check_files(const Config& config, const Surroundings& surroundings, const Binder& binder, Problems& problems);

}  // namespace weir::config
