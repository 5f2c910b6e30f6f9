#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/clock.h"

namespace weir::session::forward {

// When what waits to be sent leaves, so that a picture goes out over the time until the next and not at once: queues on
// the way are short, and a receiver's, too. No clock.
class SendPace {
 public:
  static constexpr std::chrono::milliseconds step{5};  // between two looks

  // `count` more, of which the last leaves when `spread` has passed.
  void add(std::size_t count, base::Instant now, base::Instant::duration spread) {
    if (waiting_ == 0) {
      looked_at_ = now;
      over_at_ = now;
      part_ = 0;
    }
    waiting_ += count;
    over_at_ = std::max(over_at_, now + spread);
  }
  // How many of them leave now.
  std::size_t due(base::Instant now) {
    if (waiting_ == 0) return 0;
    std::size_t count = waiting_;
    if (now < over_at_ && over_at_ > looked_at_) {
      const std::chrono::duration<double> passed = now - looked_at_, whole = over_at_ - looked_at_;
      const double share = static_cast<double>(waiting_) * std::max(0.0, passed / whole) + part_;
      count = std::min(waiting_, static_cast<std::size_t>(share));
      part_ = share - static_cast<double>(count);
    }
    waiting_ -= count;
    looked_at_ = now;
    return count;
  }
  std::size_t waiting() const { return waiting_; }
  base::Instant next_look(base::Instant now) const { return std::min(now + step, std::max(over_at_, now)); }

 private:
  std::size_t waiting_ = 0;
  double part_ = 0;  // of one that is not due yet
  base::Instant looked_at_{}, over_at_{};
};

}  // namespace weir::session::forward
