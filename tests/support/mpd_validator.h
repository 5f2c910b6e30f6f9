#pragma once

#include <string>
#include <vector>

namespace weir::test {

// What is wrong with a manifest, by the schema of ISO 23009-1 (which children an element has and in which order, which
// attributes it must have) and the rules of its text for what Weir writes; empty for nothing.
std::vector<std::string> validate_mpd(const std::string& text);

}  // namespace weir::test
