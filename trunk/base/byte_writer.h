#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace weir::base {

// Appends numbers to a Buffer. A length that is known later: `auto at = w.position(); w.u32(0); ...; w.patch32(at, n)`.
class ByteWriter {
 public:
  explicit ByteWriter(Buffer& out) : out_(out) {}

  void u8(std::uint64_t value) { big(value, 1); }
  void u16(std::uint64_t value) { big(value, 2); }
  void u24(std::uint64_t value) { big(value, 3); }
  void u32(std::uint64_t value) { big(value, 4); }
  void u64(std::uint64_t value) { big(value, 8); }
  void u16le(std::uint64_t value) { little(value, 2); }
  void u32le(std::uint64_t value) { little(value, 4); }
  void f64(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    u64(bits);
  }
  void bytes(Bytes bytes) { out_.append(bytes); }
  void text(std::string_view text) { out_.append(as_bytes(text)); }
  void zeros(std::size_t count) {
    for (; count > 0; --count) out_.append(std::uint8_t{0});
  }

  std::size_t position() const { return out_.size(); }
  void patch16(std::size_t at, std::uint64_t value) { patch(at, value, 2); }
  void patch24(std::size_t at, std::uint64_t value) { patch(at, value, 3); }
  void patch32(std::size_t at, std::uint64_t value) { patch(at, value, 4); }

 private:
  void big(std::uint64_t value, std::size_t size) {
    const std::size_t at = out_.size();
    out_.resize(at + size);
    patch(at, value, size);
  }
  void little(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) out_.append(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void patch(std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      out_.data()[at + i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
  }

  Buffer& out_;
};

}  // namespace weir::base
