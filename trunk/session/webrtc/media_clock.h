#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace weir::session::webrtc {

// A player's media time: that of the stream, moved where another publisher goes on with it after a pause or the
// stream's own time jumps, so that it keeps step with the time that passed. Picture and sound are moved alike, hence
// one line maps all of it to the time of sender reports.
class MediaClock {
 public:
  // A frame of that time comes now. `again`: its publisher is another one than before, or it is the first after a
  // pause.
  void follow(base::Ticks pts, bool again, base::Instant now) {
    if (!anchored_) {
      anchored_ = true;
      at_ = now;
      time_ = pts;
      return;
    }
    const base::Ticks due = time(now), off = pts + shift_ - due;
    const base::Ticks most = again ? most_off_again : most_off;
    if (off <= most && off >= -most) return;
    shift_ += std::max(due, newest_ + least_step) - (pts + shift_);
  }
  base::Ticks place(base::Ticks pts) {
    const base::Ticks placed = pts + shift_;
    newest_ = std::max(newest_, placed);
    return placed;
  }
  base::Ticks time(base::Instant now) const { return time_ + std::chrono::duration_cast<base::Ticks>(now - at_); }
  bool anchored() const { return anchored_; }

 private:
  static constexpr base::Ticks most_off = std::chrono::seconds(10), most_off_again = std::chrono::seconds(1);
  static constexpr base::Ticks least_step = std::chrono::milliseconds(20);

  bool anchored_ = false;
  base::Instant at_{};
  base::Ticks time_{}, shift_{}, newest_ = base::Ticks::min() / 2;
};

}  // namespace weir::session::webrtc
