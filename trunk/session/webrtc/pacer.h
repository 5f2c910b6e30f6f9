#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/clock.h"

namespace weir::session::webrtc {

// How many packets of one player leave in one go. A frame does as a rule; of a big key frame, or of a group of pictures
// at the start, a burst leaves each few milliseconds, so that neither the worker nor the peer's way is held up. Who
// stays behind for long is given more at a time: what is published is sent in any case.
class Pacer {
 public:
  static constexpr std::size_t burst = 48;
  static constexpr double per_millisecond = 6.4;
  static constexpr std::chrono::milliseconds step{5};

  // A turn begins.
  void begin(base::Instant now) {
    const std::chrono::duration<double, std::milli> passed = now - credited_at_;
    credited_at_ = now;
    const auto most = static_cast<double>(burst << level());
    credit_ = std::min(most, credit_ + std::clamp(passed.count(), 0.0, 1000.0) * per_millisecond * (1U << level()));
  }
  std::size_t room() const { return credit_ < 1 ? 0 : static_cast<std::size_t>(credit_); }
  void spend(std::size_t packets) { credit_ -= static_cast<double>(packets); }
  // It ended with more to send: when to go on.
  base::Instant hold(base::Instant now) {
    ++held_;
    return now + step;
  }
  void rest() { held_ = 0; }

 private:
  unsigned level() const { return std::min(held_ / 4, 3U); }

  double credit_ = burst;
  base::Instant credited_at_{};
  unsigned held_ = 0;  // turns in a row
};

}  // namespace weir::session::webrtc
