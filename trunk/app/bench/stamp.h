#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"

namespace weir::bench {

// The publisher overwrites the last 16 bytes of every video frame with these eight and the instant of its send. A
// player finds them at the end of the message, whatever the server did to headers and timestamps, and knows the frame's
// delay. The clock is CLOCK_MONOTONIC, so publisher and player may be different processes of one machine.
inline constexpr std::size_t stamp_size = 16;
inline constexpr std::uint8_t stamp_magic[8] = {0xf7, 'w', 'e', 'i', 'r', 0x9b, 0x3e, 0xc1};

inline void write_stamp(std::uint8_t* last16, base::Instant now) {
  const std::int64_t ns = now.time_since_epoch() / std::chrono::nanoseconds{1};
  std::memcpy(last16, stamp_magic, sizeof stamp_magic);
  std::memcpy(last16 + sizeof stamp_magic, &ns, sizeof ns);
}

inline std::optional<base::Instant> read_stamp(base::Bytes last16) {
  if (last16.size() != stamp_size || std::memcmp(last16.data(), stamp_magic, sizeof stamp_magic) != 0)
    return std::nullopt;
  std::int64_t ns = 0;
  std::memcpy(&ns, last16.data() + sizeof stamp_magic, sizeof ns);
  return base::Instant{std::chrono::nanoseconds{ns}};
}

}  // namespace weir::bench
