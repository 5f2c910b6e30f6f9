#pragma once

#include <cstdint>

#include "app/exec/command.h"

namespace weir::exec {

constexpr unsigned ticks_per_look_at_logs = 40;  // ten seconds

// Files that it appends to begin anew when they are larger than this: it goes on at the beginning of an empty file.
void bound_logs(const Command& command, std::uintmax_t largest_bytes);

}  // namespace weir::exec
