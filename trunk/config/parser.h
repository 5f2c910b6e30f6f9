#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/tree.h"

namespace weir::config {

// The directives of one file. After a mistake it goes on where the next directive seems to begin, so that all mistakes
// are reported at once. `include` is a directive like any other here.
std::vector<Node> parse(std::string_view text, std::shared_ptr<const std::string> file, Problems& problems);

}  // namespace weir::config
