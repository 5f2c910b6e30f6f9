#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/tree.h"

namespace weir::config {

// The tree of a text in which every `include` is replaced by what the named files hold. A name is looked up from the
// current directory, then from the directory of the file that includes it. Depth and number of files are bounded, and a
// file that includes itself, directly or not, is an error.
std::vector<Node> parse_with_includes(const std::string& name, std::string_view text, const ReadFile& read,
                                      Problems& problems);

}  // namespace weir::config
