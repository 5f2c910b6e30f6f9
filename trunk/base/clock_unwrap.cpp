#include "base/clock_unwrap.h"

#include <array>

namespace weir::base {

std::int64_t ClockUnwrap::unwrap(std::uint64_t value) {
  const std::uint64_t modulus = std::uint64_t{1} << bits_;
  const std::uint64_t counter = value & (modulus - 1);
  if (!started_) {
    started_ = true;
    return last_ = static_cast<std::int64_t>(counter);
  }
  // The distance forward, then read as back when that is the shorter way.
  const std::uint64_t forward = (counter - static_cast<std::uint64_t>(last_)) & (modulus - 1);
  const auto distance = static_cast<std::int64_t>(forward);
  return last_ += forward >= modulus / 2 ? distance - static_cast<std::int64_t>(modulus) : distance;
}

std::int64_t MillisUnwrap::unwrap(std::uint32_t value) {
  constexpr std::int64_t close_ms = 60'000;
  constexpr std::array<std::int64_t, 3> wraps{std::int64_t{1} << 32, std::int64_t{1} << 31, std::int64_t{1} << 24};
  if (started_) {
    const std::int64_t last = last_;
    const std::int64_t now = value;
    for (const std::int64_t wrap : wraps) {
      const bool fell = last < wrap && last > wrap - close_ms && now < close_ms;
      // A late frame of the other track, from before the wrap.
      const bool rose = now < wrap && now > wrap - close_ms && last < close_ms && base_ >= wrap;
      if (fell) base_ += wrap;
      if (rose) base_ -= wrap;
      if (fell || rose) break;
    }
  }
  started_ = true;
  last_ = value;
  return base_ + value;
}

}  // namespace weir::base
