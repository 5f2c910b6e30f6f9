#pragma once

#include <atomic>
#include <cstdint>

namespace weir::trace {

// What became of the spans, for /metrics. Of the whole process, any thread.
struct Figures {
  std::atomic<std::uint64_t> sent{0};     // the collector took them
  std::atomic<std::uint64_t> failed{0};   // it did not
  std::atomic<std::uint64_t> dropped{0};  // the queue was full, or too many sessions were open
};

}  // namespace weir::trace
