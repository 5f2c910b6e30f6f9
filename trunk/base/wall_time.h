#pragma once

#include <chrono>
#include <cstdint>

namespace weir::base {

// Milliseconds since 1970 by the machine's clock, which may jump: for people and protocols. What is measured takes the
// steady one.
inline std::int64_t wall_time_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace weir::base
