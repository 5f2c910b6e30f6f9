#include "proto/rtmp/wire_time.h"

#include <initializer_list>

namespace weir::rtmp {

std::int64_t WireClock::at(std::uint32_t field, bool extended, std::int64_t previous) {
  constexpr std::int64_t near_ms = 60'000;
  const std::int64_t now = field;
  // A chunk stream that was silent for long says nothing about where the counter stands.
  const std::int64_t before = (last_ - previous > 2 * near_ms ? last_ : previous) - base_;
  const auto near = [&](std::int64_t time) { return time - before < near_ms && before - time < near_ms; };

  if (!near(now)) {
    for (const int bits : {24, 31, 32}) {
      const std::int64_t period = std::int64_t{1} << bits;
      if (bits == 24 && extended) continue;
      if (near(now + period)) {
        base_ += period;
        break;
      }
      // A chunk stream that lags behind another which has wrapped already.
      if (base_ >= period && near(now - period)) {
        base_ -= period;
        break;
      }
    }
  }
  last_ = base_ + now;
  return last_;
}

}  // namespace weir::rtmp
