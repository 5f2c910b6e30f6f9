#pragma once

#include <string>

#include "config/binder.h"

namespace weir::config {

// Settings that follow from others, and rules that span several directives. Called when all rows are filled, the
// vhosts first.
void finish_vhost(Vhost& vhost, const std::string& path, const Config& config, Binder& binder, Problems& problems);
void finish_config(Config& config, const Surroundings& surroundings, bool environment_only, Binder& binder,
                   Problems& problems);

}  // namespace weir::config
