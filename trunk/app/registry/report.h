#pragma once

#include <string>

#include "app/cluster/node.h"
#include "config/config.h"

namespace weir::registry {

// What this server is called among the others, and where it is reached, without figures. `address` is its own one,
// where none is advertised.
cluster::Node own_node(const config::Config& config, const std::string& address, const std::string& instance);

}  // namespace weir::registry
