#pragma once

#include <cstdint>

namespace weir::rtp {

// How far `to` is behind `from` in the circle of 16-bit sequence numbers: negative if it comes before (RFC 3550 A.1).
constexpr int distance(std::uint16_t from, std::uint16_t to) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(to - from));
}
constexpr bool newer(std::uint16_t a, std::uint16_t b) { return distance(b, a) > 0; }

// 16-bit sequence numbers, or 32-bit timestamps, as one growing count: the value nearest to the newest seen.
template <class Small>
class Unwrapper {
 public:
  std::int64_t operator()(Small value) {
    if (!any_) {
      any_ = true;
      newest_ = value;
      return newest_;
    }
    const std::int64_t unwrapped = peek(value);
    if (unwrapped > newest_) newest_ = unwrapped;
    return unwrapped;
  }
  // The same without remembering it.
  std::int64_t peek(Small value) const {
    const auto step = static_cast<Small>(value - static_cast<Small>(newest_));
    constexpr Small half = static_cast<Small>(Small{1} << (sizeof(Small) * 8 - 1));
    constexpr std::int64_t cycle = std::int64_t{1} << (sizeof(Small) * 8);
    return step < half ? newest_ + step : newest_ + step - cycle;
  }
  bool any() const { return any_; }
  std::int64_t newest() const { return newest_; }

 private:
  std::int64_t newest_ = 0;
  bool any_ = false;
};

}  // namespace weir::rtp
