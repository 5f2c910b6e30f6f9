#pragma once

#include <span>
#include <string_view>

namespace weir::migrate {

// `weir migrate FILE [-o OUT]`: our configuration to standard output or OUT, which must not exist yet, and the account
// to standard error. Returns the exit status of the process: 0, also with lines that are lost; 1 when a file cannot be
// read or written; 2 for wrong arguments.
int run_migrate(std::span<const std::string_view> arguments);

}  // namespace weir::migrate
