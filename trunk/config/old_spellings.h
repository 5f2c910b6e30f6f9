#pragma once

#include <string_view>
#include <vector>

#include "config/tree.h"

namespace weir::config {

// Rewrites what older versions of SRS wrote otherwise, so that the schema knows one spelling only: renamed blocks,
// directives that moved into a block, and directives that are gone.
void convert_old_spellings(std::vector<Node>& root, Problems& problems);

// Names that are right in a file although the schema does not list them at that place ("" is the root).
std::vector<std::string_view> other_spellings(std::string_view block);

}  // namespace weir::config
