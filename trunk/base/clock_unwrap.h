#pragma once

#include <cassert>
#include <cstdint>

namespace weir::base {

// Continues a counter of few bits as a 64-bit number: RTMP and FLV milliseconds (32 bits; 31 and 24 bits from some
// encoders), MPEG-TS (33), RTP (32). A value is read as the one nearest to the value before, so it may also go back.
class ClockUnwrap {
 public:
  explicit ClockUnwrap(unsigned bits) : bits_(bits) { assert(bits > 0 && bits < 64 && "a counter of 1 to 63 bits"); }

  // Bits above the counter's own are not looked at.
  std::int64_t unwrap(std::uint64_t value);
  // Forgets the past: the next value is taken as it is.
  void reset() { started_ = false; }
  unsigned bits() const { return bits_; }

 private:
  unsigned bits_;
  bool started_ = false;
  std::int64_t last_ = 0;
};

// RTMP and FLV milliseconds, for publishers of whom nobody knows whether they count to 2^32, to 2^31 or to 2^24 before
// they begin at zero again. A fall from close under one of these to close above zero is a wrap of that counter.
class MillisUnwrap {
 public:
  std::int64_t unwrap(std::uint32_t value);
  void reset() { started_ = false; }

 private:
  bool started_ = false;
  std::uint32_t last_ = 0;
  std::int64_t base_ = 0;  // what the wraps so far add
};

}  // namespace weir::base
