#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "session/gb28181/devices.h"

namespace weir::devices {

inline constexpr std::size_t most_file_bytes = 64 * 1024 * 1024;

// The text is `head`, a line for each device with commas between them, and `tail`.
inline constexpr std::string_view head = "{\"version\":1,\"devices\":[\n", tail = "\n]}\n";
// One device, without an end of line.
std::string line_of(const session::gb28181::DeviceMemory& memory);
// What stands in such a text. A device without a good id is left out; what else is wrong with one is as if unsaid.
// An error: it is no such text.
base::Result<std::vector<session::gb28181::DeviceMemory>> parse(std::string_view text);

}  // namespace weir::devices
