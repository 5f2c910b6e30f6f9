#pragma once

#include <cstdint>

namespace weir::rtmp {

// 5.3.1.3: a time of 24 bits that says: the time follows in 32.
constexpr std::uint32_t extended_mark = 0xffffff;

// Carries the timestamps of one connection on past the wraps of its sender's counter, which has 32 bits (5.3.1.3), 31
// in senders that keep the sign bit clear, or 24 in those that never write an extended timestamp. All chunk streams
// share the clock, since they share the counter: one that is silent while it wraps is right afterwards too.
class WireClock {
 public:
  // The 64-bit time of an absolute `field` on a chunk stream whose last message had time `previous`. A wrap is taken
  // for one only when both sides lie within a minute of it; every other difference, however large, is a jump and is
  // kept.
  std::int64_t at(std::uint32_t field, bool extended, std::int64_t previous);
  // 5.3.1.2.2: the time after a difference; senders that go back in time write it modulo 2^32.
  std::int64_t after(std::int64_t previous, std::uint32_t difference) {
    last_ = previous + static_cast<std::int32_t>(difference);
    return last_;
  }
  std::int64_t last() const { return last_; }
  // What a sender would put into an absolute field for this time.
  std::uint32_t field_of(std::int64_t time) const { return static_cast<std::uint32_t>(time - base_); }

 private:
  std::int64_t base_ = 0;  // what the wraps so far add up to
  std::int64_t last_ = 0;  // of any chunk stream
};

}  // namespace weir::rtmp
