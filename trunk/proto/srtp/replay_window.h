#pragma once

#include <array>
#include <cstdint>

namespace weir::srtp {

// Which of the newest indices were received (RFC 3711 3.3.2). Publishers of many megabits whose packets are reordered
// need more than the 64 that the RFC asks for.
class ReplayWindow {
 public:
  static constexpr std::uint64_t size = 2048;

  enum class Verdict : std::uint8_t { fresh, replayed, too_old };
  Verdict judge(std::uint64_t index) const {
    if (!any_ || index > highest_) return Verdict::fresh;
    if (highest_ - index >= size) return Verdict::too_old;
    return bit(index) ? Verdict::replayed : Verdict::fresh;
  }
  void note(std::uint64_t index) {
    if (!any_) {
      any_ = true;
      highest_ = index;
    } else if (index > highest_) {
      const std::uint64_t step = index - highest_;
      if (step >= size) {
        words_ = {};
      } else {
        for (std::uint64_t i = highest_ + 1; i < index; ++i) set(i, false);
      }
      highest_ = index;
    }
    set(index, true);
  }
  bool any() const { return any_; }
  std::uint64_t highest() const { return highest_; }

  // RFC 3711 3.3.1 and appendix A: the index nearest to the newest whose low 16 bits are this sequence number.
  std::uint64_t guess(std::uint16_t sequence) const { return any_ ? nearest(highest_, sequence) : sequence; }
  static std::uint64_t nearest(std::uint64_t highest, std::uint16_t sequence) {
    const auto newest = static_cast<std::uint16_t>(highest);
    const auto step = static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - newest));
    const auto index = static_cast<std::int64_t>(highest) + step;
    return index < 0 ? sequence : static_cast<std::uint64_t>(index);
  }

 private:
  bool bit(std::uint64_t index) const { return (words_[index % size / 64] >> (index % 64) & 1) != 0; }
  void set(std::uint64_t index, bool value) {
    const std::uint64_t mask = std::uint64_t{1} << (index % 64);
    std::uint64_t& word = words_[index % size / 64];
    word = value ? word | mask : word & ~mask;
  }

  std::array<std::uint64_t, size / 64> words_{};
  std::uint64_t highest_ = 0;
  bool any_ = false;
};

}  // namespace weir::srtp
