#include "proto/rtp/packet.h"

#include "base/byte_reader.h"

namespace weir::rtp {

using base::Bytes;

base::Result<Packet> parse(Bytes datagram) {
  if (datagram.size() < header_bytes) return Errc::too_short;
  if (datagram[0] >> 6 != 2) return Errc::bad_version;
  base::ByteReader r{datagram};
  const std::uint8_t first = r.u8(), second = r.u8();
  Packet packet;
  packet.marker = (second & 0x80) != 0;
  packet.payload_type = second & 0x7f;
  packet.sequence = r.u16();
  packet.timestamp = r.u32();
  packet.ssrc = r.u32();
  r.skip(std::size_t{4} * (first & 15U));
  if ((first & 0x10) != 0) {
    packet.extension_profile = r.u16();
    packet.extension = r.take(std::size_t{4} * r.u16());
  }
  if (!r.ok()) return Errc::header_cut_off;
  packet.payload = r.rest();
  if ((first & 0x20) != 0) {
    if (packet.payload.empty()) return Errc::bad_padding;
    const std::size_t padding = packet.payload.back();
    if (padding == 0 || padding > packet.payload.size()) return Errc::bad_padding;
    packet.payload = packet.payload.first(packet.payload.size() - padding);
  }
  return packet;
}

std::optional<Bytes> find_extension(const Packet& packet, std::uint8_t id) {
  if (id == 0) return std::nullopt;
  base::ByteReader r{packet.extension};
  const bool one_byte = packet.extension_profile == 0xbede;
  const bool two_bytes = (packet.extension_profile & 0xfff0) == 0x1000;
  if (!one_byte && !two_bytes) return std::nullopt;
  while (r.left() > 0) {
    const std::uint8_t head = r.u8();
    if (head == 0) continue;  // padding
    std::uint8_t found = head;
    std::size_t size = 0;
    if (one_byte) {
      found = head >> 4;
      if (found == 15) return std::nullopt;  // RFC 8285 4.2: what follows is not read
      size = (head & 15U) + 1U;
    } else {
      size = r.u8();
    }
    const Bytes data = r.take(size);
    if (!r.ok()) return std::nullopt;
    if (found == id) return data;
  }
  return std::nullopt;
}

void write_head(base::MutableBytes room, const Head& head) {
  room[0] = head.extension ? 0x90 : 0x80;
  room[1] = static_cast<std::uint8_t>(head.payload_type | (head.marker ? 0x80 : 0));
  room[2] = static_cast<std::uint8_t>(head.sequence >> 8);
  room[3] = static_cast<std::uint8_t>(head.sequence);
  for (std::size_t i = 0; i < 4; ++i) {
    room[4 + i] = static_cast<std::uint8_t>(head.timestamp >> (24 - 8 * i));
    room[8 + i] = static_cast<std::uint8_t>(head.ssrc >> (24 - 8 * i));
  }
}

}  // namespace weir::rtp
