#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace weir::base {

// Reads bits, most significant first. Sticky as ByteReader is.
class BitReader {
 public:
  explicit BitReader(Bytes in) : in_(in) {}

  std::uint32_t bits(unsigned count);  // at most 32
  bool flag() { return bits(1) != 0; }
  void skip(std::size_t count);
  std::uint32_t ue();  // Exp-Golomb, ITU-T H.264 9.1
  std::int32_t se();   // signed Exp-Golomb, ITU-T H.264 9.1.1
  std::size_t left() const { return in_.size() * 8 - position_; }
  std::size_t position() const { return position_; }
  bool ok() const { return ok_; }

 private:
  Bytes in_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

// The payload of a NAL unit without its emulation prevention bytes (ITU-T H.264 7.4.1, 0x000003).
std::vector<std::uint8_t> without_emulation_prevention(Bytes nal);

}  // namespace weir::base
