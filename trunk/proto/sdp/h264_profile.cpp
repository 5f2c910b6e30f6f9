#include "proto/sdp/h264_profile.h"

#include <charconv>

namespace weir::sdp {

std::optional<H264Profile> h264_profile(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 6 || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  const unsigned idc = value >> 16, constraints = value >> 8 & 0xff;
  const bool set0 = (constraints & 0x80) != 0, set1 = (constraints & 0x40) != 0;
  const bool set4 = (constraints & 0x08) != 0, set5 = (constraints & 0x04) != 0;
  switch (idc) {
    case 0x42:
      return set1 ? H264Profile::constrained_baseline : H264Profile::baseline;
    case 0x4d:
      return set0 ? H264Profile::constrained_baseline : H264Profile::main;
    case 0x64:
      return set4 && set5 ? H264Profile::constrained_high : H264Profile::high;
    default:
      return H264Profile::other;
  }
}

}  // namespace weir::sdp
