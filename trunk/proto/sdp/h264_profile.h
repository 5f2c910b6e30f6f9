#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::sdp {

// What a profile-level-id says but for the level (RFC 6184 8.1): constrained baseline is written 42e0xx, 42c0xx or
// 4d80xx, and these are equal.
enum class H264Profile : std::uint8_t { constrained_baseline, baseline, main, constrained_high, high, other };

// Of six hexadecimal digits; none if they are not that.
std::optional<H264Profile> h264_profile(std::string_view profile_level_id);

}  // namespace weir::sdp
