#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace weir::base {

// Reads numbers from a span. Sticky: past the end every read gives zero and ok() turns false, so a parser reads all its
// fields and checks once.
class ByteReader {
 public:
  explicit ByteReader(Bytes in) : in_(in), size_(in.size()) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(big(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(big(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(big(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(big(4)); }
  std::uint64_t u64() { return big(8); }
  std::int32_t i24() { return static_cast<std::int32_t>(u24() << 8) >> 8; }
  std::uint16_t u16le() { return static_cast<std::uint16_t>(little(2)); }
  std::uint32_t u32le() { return static_cast<std::uint32_t>(little(4)); }
  std::uint64_t u64le() { return little(8); }
  double f64();

  Bytes take(std::size_t size) {
    if (!has(size)) return {};
    const Bytes part = in_.first(size);
    in_ = in_.subspan(size);
    return part;
  }
  std::string_view text(std::size_t size) { return as_text(take(size)); }
  void skip(std::size_t size) { take(size); }
  // Everything that is left; leaves nothing.
  Bytes rest() { return take(in_.size()); }

  std::size_t left() const { return in_.size(); }
  std::size_t position() const { return size_ - in_.size(); }
  bool ok() const { return ok_; }

 private:
  bool has(std::size_t size) {
    if (in_.size() >= size) return true;
    ok_ = false;
    in_ = {};
    return false;
  }
  std::uint64_t big(std::size_t size) {
    if (!has(size)) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | in_[i];
    in_ = in_.subspan(size);
    return value;
  }
  std::uint64_t little(std::size_t size) {
    if (!has(size)) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | in_[i];
    in_ = in_.subspan(size);
    return value;
  }

  Bytes in_;
  std::size_t size_;
  bool ok_ = true;
};

inline double ByteReader::f64() {
  const std::uint64_t bits = big(8);
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace weir::base
