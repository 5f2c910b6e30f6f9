#include "codec/nal.h"

#include <cstring>

#include "base/byte_writer.h"

namespace weir::codec::nal {

namespace {

// The offset of the next 00 00 01, or the size of `in`.
std::size_t find_start_code(base::Bytes in) {
  const std::uint8_t* const begin = in.data();
  std::size_t at = 2;
  while (at < in.size()) {
    // The last byte of a start code is a one; every other byte is passed without looking at its neighbours.
    const void* one = std::memchr(begin + at, 1, in.size() - at);
    if (!one) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - begin);
    if (begin[at - 1] == 0 && begin[at - 2] == 0) return at - 2;
    ++at;
  }
  return in.size();
}

}  // namespace

std::optional<base::Bytes> LengthPrefixed::next() {
  while (!in_.empty()) {
    if (in_.size() < length_bytes_) {
      ok_ = false;
      in_ = {};
      return std::nullopt;
    }
    std::size_t size = 0;
    for (unsigned i = 0; i < length_bytes_; ++i) size = size << 8 | in_[i];
    in_ = in_.subspan(length_bytes_);
    if (size > in_.size()) {
      ok_ = false;
      in_ = {};
      return std::nullopt;
    }
    const base::Bytes unit = in_.first(size);
    in_ = in_.subspan(size);
    if (!unit.empty()) return unit;
  }
  return std::nullopt;
}

AnnexB::AnnexB(base::Bytes in) {
  const std::size_t at = find_start_code(in);
  if (at < in.size()) in_ = in.subspan(at + 3);
}

std::optional<base::Bytes> AnnexB::next() {
  while (!in_.empty()) {
    const std::size_t end = find_start_code(in_);
    base::Bytes unit = in_.first(end);
    in_ = end < in_.size() ? in_.subspan(end + 3) : base::Bytes();
    while (!unit.empty() && unit.back() == 0) unit = unit.first(unit.size() - 1);
    if (!unit.empty()) return unit;
  }
  return std::nullopt;
}

base::Result<void> append_annex_b(base::Bytes length_prefixed, unsigned length_bytes, base::Buffer& out) {
  base::ByteWriter w{out};
  LengthPrefixed units(length_prefixed, length_bytes);
  while (const auto unit = units.next()) {
    w.u32(1);
    w.bytes(*unit);
  }
  return units.ok() ? base::Result<void>() : Errc::length_past_end;
}

void append_length_prefixed(base::Bytes annex_b, base::Buffer& out) {
  base::ByteWriter w{out};
  AnnexB units(annex_b);
  while (const auto unit = units.next()) {
    w.u32(unit->size());
    w.bytes(*unit);
  }
}

}  // namespace weir::codec::nal
