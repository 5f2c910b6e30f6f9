#pragma once

#include <span>
#include <string_view>

namespace weir::probe {

// `weir probe [--json] FILE|-`. Reads to the end, or until SIGINT, and prints what was in it. Returns the exit status
// of the process: 0, also with faults of TR 101 290; 1 when FILE cannot be read, or is cut or is neither format; 2 for
// wrong arguments.
int run_probe(std::span<const std::string_view> arguments);

}  // namespace weir::probe
