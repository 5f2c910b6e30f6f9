#pragma once

#include <string>

namespace weir::config {

// The text of conf/full.conf: every directive with its meaning, type, default, variable and when a change takes effect.
// A test compares the file with it.
std::string reference_text();

}  // namespace weir::config
