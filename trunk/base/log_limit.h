#pragma once

#include <cstdint>
#include <utility>

#include "base/clock.h"

namespace weir::log {

// Lets a repeated line through at most once a second, with the count of what happened since the last one:
//
//   if (const auto times = skipped_.hit(now)) log::warn(who, "skipped to a key frame, {} times", times);
//
// One for each kind of line, kept by whoever logs it; single-threaded.
class Limit {
 public:
  explicit Limit(base::Millis every = base::Millis{1000}) : every_(every) {}

  // Counts one event. The number of events that the line now due tells of, this one included; 0: no line now.
  std::uint64_t hit(base::Instant now) {
    ++pending_;
    if (said_ && now - last_ < every_) return 0;
    said_ = true;
    last_ = now;
    return take_pending();
  }
  // What no line has told of yet, for the last words of a session.
  std::uint64_t take_pending() { return std::exchange(pending_, 0); }

 private:
  base::Millis every_;
  base::Instant last_{};
  std::uint64_t pending_ = 0;
  bool said_ = false;
};

}  // namespace weir::log
