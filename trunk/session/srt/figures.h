#pragma once

#include <atomic>
#include <cstdint>

namespace weir::session::srt {

// Of the whole process, for metrics. Any thread.
struct Figures {
  std::atomic<std::uint64_t> rejected{0};     // callers that were turned away during their handshake
  std::atomic<std::uint64_t> connections{0};  // that there are now
};

}  // namespace weir::session::srt
