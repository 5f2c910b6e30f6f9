#pragma once

#include <algorithm>

#include "base/clock.h"

namespace weir::base {

// Lets so many through at once, and so many more each second: a bucket of tokens. Single-threaded; the caller tells the
// time.
class Allowance {
 public:
  Allowance(double most, double per_second) : most_(most), per_second_(per_second), left_(most) {}

  // Takes one; false if none is left.
  bool take(Instant now) {
    if (begun_) {
      const double seconds = std::chrono::duration<double>(now - refilled_).count();
      left_ = std::min(most_, left_ + std::max(0.0, seconds) * per_second_);
    }
    begun_ = true;
    refilled_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double most_, per_second_, left_;
  Instant refilled_{};
  bool begun_ = false;
};

}  // namespace weir::base
