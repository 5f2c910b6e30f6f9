#pragma once

#include <chrono>
#include <cstdint>

namespace weir::base {

// Media time: exact for RTMP and FLV milliseconds, MPEG-TS, RTP video and Opus. No other unit crosses an interface.
using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 90'000>>;
using Millis = std::chrono::milliseconds;

inline constexpr std::int64_t to_millis(Ticks time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).count();
}

// Monotone wall-independent time; what sans-io machines are given as "now".
using Instant = std::chrono::steady_clock::time_point;

}  // namespace weir::base
