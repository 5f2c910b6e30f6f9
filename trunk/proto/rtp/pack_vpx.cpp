#include "proto/rtp/pack_vpx.h"

#include <algorithm>

namespace weir::rtp {

using base::Bytes;

namespace {

template <class WriteDescriptor>
void pack(Bytes frame, std::size_t descriptor_bytes, std::size_t most, Payloads& out, WriteDescriptor write) {
  const auto [parts, part_bytes] = divide(frame.size(), most - descriptor_bytes);
  for (std::size_t i = 0; i < parts; ++i) {
    const std::size_t begin = out.bytes.size(), at = i * part_bytes;
    write(i == 0, i + 1 == parts);
    out.bytes.append(frame.subspan(at, std::min(part_bytes, frame.size() - at)));
    out.sizes.push_back(static_cast<std::uint16_t>(out.bytes.size() - begin));
  }
}

void append_picture(base::Buffer& out, std::uint16_t picture) {
  out.append(static_cast<std::uint8_t>(0x80 | (picture >> 8 & 0x7f)));  // M: 15 bits
  out.append(static_cast<std::uint8_t>(picture));
}

}  // namespace

void pack_vp8(Bytes frame, std::uint16_t picture, std::size_t most, Payloads& out) {
  pack(frame, 4, most, out, [&](bool first, bool) {
    out.bytes.append(static_cast<std::uint8_t>(0x80 | (first ? 0x10 : 0)));  // X; S: a partition begins
    out.bytes.append(std::uint8_t{0x80});                                    // I
    append_picture(out.bytes, picture);
  });
}

void pack_vp9(Bytes frame, bool key, std::uint16_t picture, std::size_t most, Payloads& out) {
  pack(frame, 3, most, out, [&](bool first, bool last) {
    // I; P: predicted from another picture; B and E: the frame begins and ends
    out.bytes.append(static_cast<std::uint8_t>(0x80 | (key ? 0 : 0x40) | (first ? 0x08 : 0) | (last ? 0x04 : 0)));
    append_picture(out.bytes, picture);
  });
}

}  // namespace weir::rtp
