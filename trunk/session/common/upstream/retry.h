#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace weir::session::upstream {

// When what failed is tried again: after a second, then after twice as long each time, half a minute at most. Each
// pause is up to a quarter shorter or longer, by chance, so that those who failed together do not all come back at
// once. What went well for a while begins anew. No clock.
class Retry {
 public:
  using Millis = std::chrono::milliseconds;
  static constexpr Millis first{1000}, longest{30'000};
  static constexpr Millis settled{10'000};  // for so long it has to go well

  explicit Retry(std::uint32_t seed) : state_(seed | 1U) {}

  // The pause, once it has failed after going well for `lasted`.
  Millis failed(Millis lasted = Millis(0)) {
    if (lasted >= settled) failures_ = 0;
    const Millis pause = std::min(longest, first * (1U << std::min(failures_, 5U)));
    ++failures_;
    const auto quarter = static_cast<std::uint32_t>(pause.count() / 4);
    return pause - Millis(quarter) + Millis(next() % (2 * quarter + 1));
  }
  // In a row.
  std::uint32_t failures() const { return failures_; }

 private:
  // xorshift: chance enough, and the same for the same seed.
  std::uint32_t next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return state_;
  }

  std::uint32_t state_;
  std::uint32_t failures_ = 0;
};

}  // namespace weir::session::upstream
