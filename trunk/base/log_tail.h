#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/log_line.h"

namespace weir::log {

// A line that was written not long ago.
struct KeptLine {
  std::uint64_t number = 0;  // from 1 on, in the order of writing
  std::chrono::system_clock::time_point time;
  Level level = Level::info;
  base::SessionId id{};
  std::string text;
};

// The last lines of the log, for whoever looks at it from afar. Filled by the thread that writes the log, read by any
// other: no thread that carries media waits for it unless it reads.
class Tail {
 public:
  static constexpr std::size_t most_lines = 1000, most_bytes = 512 * 1024;

  void add(const Line& line);
  std::vector<KeptLine> read(std::uint64_t after, std::size_t most, Level lowest) const;

 private:
  mutable std::mutex mutex_;
  std::deque<KeptLine> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace weir::log
