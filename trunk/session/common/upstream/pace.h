#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace weir::session::upstream {

// When what is read faster than it is to be played goes on its way: by its own time stamps. And where the next round of
// a file stands that is played in a loop: behind the one before. No clock of its own.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr base::Ticks step = std::chrono::milliseconds(20);      // between two rounds, most often
  static constexpr base::Ticks forward = std::chrono::seconds(10);        // further ahead is a jump, and not waited for
  static constexpr base::Ticks backward = std::chrono::seconds(1);        // the same
  static constexpr Clock::duration ahead = std::chrono::milliseconds(5);  // a shorter wait is none

  struct Step {
    base::Ticks time{};      // continuous over the rounds
    Clock::duration wait{};  // from now on; zero: it is due
  };
  // Of what comes next, in order of arrival.
  Step next(base::Ticks time, Clock::time_point now) {
    if (begins_) {
      if (newest_) shift_ = *newest_ + between_ - time;
      begins_ = false;
    }
    ++passed_;
    const base::Ticks placed = time + shift_;
    if (!newest_ || placed > *newest_ + forward || placed < *newest_ - backward) {
      newest_ = placed;
      begun_ = {placed, now};
    }
    newest_ = std::max(*newest_, placed);
    const Clock::time_point due = begun_.clock + std::chrono::duration_cast<Clock::duration>(placed - begun_.time);
    // A reader that fell behind, since the disk did, goes on from here: nothing is made up for by a burst.
    if (now > due + std::chrono::seconds(1) && placed >= *newest_) begun_ = {placed, now};
    return {placed, due > now + ahead ? due - now : Clock::duration::zero()};
  }
  // From its beginning again, or from that of another file: so long behind what came last.
  void begin_again(base::Ticks between = step) {
    begins_ = true;
    between_ = between;
  }
  // How many went by.
  std::uint64_t passed() const { return passed_; }

 private:
  struct Anchor {
    base::Ticks time{};
    Clock::time_point clock;
  };
  bool begins_ = true;
  std::uint64_t passed_ = 0;
  base::Ticks shift_{}, between_ = step;
  std::optional<base::Ticks> newest_;
  Anchor begun_;
};

}  // namespace weir::session::upstream
