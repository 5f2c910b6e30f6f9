#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/bytes.h"
#include "base/result.h"
#include "format/mp4/error.h"

// ISO base media file format: ISO 14496-12. Section numbers in this folder are its own unless another is named.
namespace weir::mp4 {

using FourCc = std::uint32_t;

constexpr FourCc fourcc(const char (&text)[5]) {
  FourCc value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(text[i]);
  return value;
}

struct BoxHeader {
  FourCc type = 0;
  std::size_t header_bytes = 8;  // 16 with a size of 64 bits
  std::uint64_t bytes = 0;       // header and payload; 0: to the end of the file
};

// 4.2. None if `in` does not hold the whole header yet.
base::Result<std::optional<BoxHeader>> parse_box_header(base::Bytes in);

struct Box {
  FourCc type = 0;
  base::Bytes payload;
};

// Walks the boxes in a box: `while (auto box = boxes.next())`. Ends at the first fault; then error() says what it was.
class Boxes {
 public:
  explicit Boxes(base::Bytes in) : in_(in) {}

  std::optional<Box> next();
  base::Result<void> error() const { return error_; }

 private:
  base::Bytes in_;
  base::Result<void> error_;
};

// The first box of this type among `in`; none if it is not there.
std::optional<base::Bytes> find_box(base::Bytes in, FourCc type);
// The same, down a path.
template <std::size_t depth>
std::optional<base::Bytes> find_box(base::Bytes in, const FourCc (&path)[depth]) {
  for (const FourCc type : path) {
    const auto inner = find_box(in, type);
    if (!inner) return {};
    in = *inner;
  }
  return in;
}

// Version and flags, which a full box begins with (4.2).
struct FullBox {
  std::uint8_t version = 0;
  std::uint32_t flags = 0;
};
inline FullBox read_full_box(base::ByteReader& r) {
  FullBox full;
  full.version = r.u8();
  full.flags = r.u24();
  return full;
}

// Writes a box while it lives: the size is filled in at its end.
class BoxWriter {
 public:
  BoxWriter(base::ByteWriter& w, const char (&type)[5]) : w_(w), start_(w.position()) {
    w.u32(0);
    w.u32(fourcc(type));
  }
  BoxWriter(base::ByteWriter& w, const char (&type)[5], std::uint8_t version, std::uint32_t flags)
      : BoxWriter(w, type) {
    w.u8(version);
    w.u24(flags);
  }
  BoxWriter(const BoxWriter&) = delete;
  BoxWriter& operator=(const BoxWriter&) = delete;
  ~BoxWriter() { w_.patch32(start_, w_.position() - start_); }

 private:
  base::ByteWriter& w_;
  std::size_t start_;
};

}  // namespace weir::mp4
