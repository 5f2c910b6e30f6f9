#pragma once

#include <atomic>
#include <cstdint>

namespace weir::heartbeat {

// What came of the reports. Written by one worker, read by any.
struct Figures {
  std::atomic<std::uint64_t> good{0};     // answered with a status of 2xx
  std::atomic<std::uint64_t> refused{0};  // answered with another
  std::atomic<std::uint64_t> failed{0};   // not answered
};

}  // namespace weir::heartbeat
