#pragma once

#include <cstdint>

#include "app/exec/command.h"

namespace weir::exec {

// Files that it appends to begin anew when they are larger than this: it goes on at the beginning of an empty file.
void bound_logs(const Command& command, std::uintmax_t largest_bytes);

}  // namespace weir::exec
