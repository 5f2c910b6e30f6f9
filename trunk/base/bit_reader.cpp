#include "base/bit_reader.h"

namespace weir::base {

std::uint32_t BitReader::bits(unsigned count) {
  if (!ok_ || left() < count) {
    ok_ = false;
    return 0;
  }
  std::uint32_t value = 0;
  for (unsigned i = 0; i < count; ++i, ++position_) {
    value = value << 1 | ((in_[position_ / 8] >> (7 - position_ % 8)) & 1U);
  }
  return value;
}

void BitReader::skip(std::size_t count) {
  if (!ok_ || left() < count) {
    ok_ = false;
    return;
  }
  position_ += count;
}

std::uint32_t BitReader::ue() {
  unsigned zeros = 0;
  while (ok_ && !flag()) {
    if (++zeros > 31) ok_ = false;
  }
  if (!ok_) return 0;
  return (1U << zeros) - 1 + bits(zeros);
}

std::int32_t BitReader::se() {
  const std::int64_t code = ue();
  return static_cast<std::int32_t>(code % 2 == 1 ? (code + 1) / 2 : -(code / 2));
}

std::vector<std::uint8_t> without_emulation_prevention(Bytes nal) {
  std::vector<std::uint8_t> out;
  out.reserve(nal.size());
  unsigned zeros = 0;
  for (const std::uint8_t byte : nal) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    out.push_back(byte);
  }
  return out;
}

}  // namespace weir::base
