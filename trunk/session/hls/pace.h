#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "base/clock.h"

namespace weir::session::hls {

// The time of a stream as its leading track tells it, and what other tracks say of that time while the leader is
// silent: encoders send audio some 0 to 600 ms before the pictures it belongs to, or behind them. A value.
class Pace {
 public:
  // A frame of the leader.
  void leader(base::Ticks dts) {
    if (begun_ && dts > newest_ && dts - newest_ < most_apart) {
      step_ = dts - newest_;
      steps_[count_++ % steps_.size()] = step_;
    }
    const base::Ticks before = begun_ ? std::exchange(newest_, dts) : newest_ = dts;
    latest_ = begun_ ? std::max(latest_, dts) : dts;
    begun_ = true;
    if (!std::exchange(spoke_, false)) return;  // one that is silent is no further behind for it
    // Nor is one that was there until both were gone.
    if (knows_lead_ && dts - before > 2 * usual() && other_ - before <= lead_ + usual()) return;
    const base::Ticks ahead = other_ - dts, less = lead_ - ahead;
    // As far ahead as it was of late at most: what comes in bunches is not taken for a leader that stopped.
    lead_ = !knows_lead_ || less < base::Ticks{} || less > most_apart ? ahead : lead_ - less / 16;
    knows_lead_ = true;
  }
  // A frame of another track; returns what it says of the leader's time, or what is known already.
  base::Ticks other(base::Ticks dts) {
    if (others_ && dts > other_ && dts - other_ < most_apart) other_step_ = dts - other_;
    other_ = dts;
    others_ = spoke_ = true;
    const base::Ticks at = dts - (knows_lead_ ? lead_ : base::Ticks{});
    if (!begun_) return at;
    if (at > latest_ + most_apart || at < latest_ - most_apart) return latest_;  // of another clock
    latest_ = std::max(latest_, at);
    return at;
  }
  // A stretch of time begins at `at`, without a frame of the leader yet.
  void begin(base::Ticks at) {
    newest_ = latest_ = at;
    begun_ = true;
  }
  // The leader's times begin anew.
  void forget() { begun_ = others_ = spoke_ = knows_lead_ = false; }

  base::Ticks newest() const { return newest_; }  // of the leader
  base::Ticks latest() const { return latest_; }  // of all, in the leader's time
  bool knows_step() const { return count_ > 1; }
  // The leader's usual step.
  base::Ticks usual() const {
    const std::size_t size = std::min(count_, steps_.size());
    if (size == 0) return step_;
    auto sorted = steps_;
    std::nth_element(sorted.begin(), sorted.begin() + size / 2, sorted.begin() + size);
    return sorted[size / 2];
  }
  // Frames a second; whole, since the clocks of publishers round each step.
  double rate() const {
    const std::size_t size = std::min(count_, steps_.size());
    base::Ticks sum{};
    for (std::size_t i = 0; i < size; ++i) sum += steps_[i];
    if (sum <= base::Ticks{}) return 0;
    const double rate = 90'000.0 * static_cast<double>(size) / static_cast<double>(sum.count());
    return rate >= 5 ? std::round(rate) : rate;
  }
  // How long the leader's next frame is waited for when its time has come.
  base::Ticks patience() const { return std::min<base::Ticks>(usual(), std::chrono::milliseconds(100)); }
  // Where the next frame is expected.
  base::Ticks end() const {
    const base::Ticks own = newest_ + usual();
    return latest_ > own + patience() ? latest_ + other_step_ : own;
  }

 private:
  static constexpr base::Ticks most_apart = std::chrono::seconds(10);

  base::Ticks newest_{}, latest_{};
  base::Ticks other_{}, other_step_{1'920}, lead_{};
  base::Ticks step_{3'000};
  std::array<base::Ticks, 8> steps_{};
  std::size_t count_ = 0;
  bool begun_ = false, others_ = false, knows_lead_ = false;
  bool spoke_ = false;  // another track, since the leader's newest frame
};

}  // namespace weir::session::hls
