#include "format/ts/packet.h"

#include <cassert>
#include <cstring>

#include "base/byte_reader.h"

namespace weir::ts {
namespace {

constexpr std::uint8_t flag_discontinuity = 0x80;
constexpr std::uint8_t flag_random_access = 0x40;
constexpr std::uint8_t flag_pcr = 0x10;

// 2.4.3.4; an empty field is one byte of stuffing.
base::Result<void> parse_adaptation(base::Bytes field, Packet& packet) {
  if (field.empty()) return {};
  base::ByteReader r{field};
  const std::uint8_t flags = r.u8();
  packet.discontinuity = (flags & flag_discontinuity) != 0;
  packet.random_access = (flags & flag_random_access) != 0;
  if ((flags & flag_pcr) != 0) {
    const std::uint64_t high = r.u32();
    const std::uint64_t low = r.u16();  // the base's last bit, six reserved bits, nine of extension
    packet.pcr = (high << 1 | low >> 15) * 300 + (low & 0x1ff);
  }
  if (!r.ok()) return Errc::adaptation_too_long;
  return {};
}

}  // namespace

base::Result<Packet> parse_packet(base::Bytes in) {
  if (in.size() < packet_bytes) return Errc::truncated;
  if (in[0] != sync_byte) return Errc::no_sync_byte;
  Packet packet;
  packet.transport_error = (in[1] & 0x80) != 0;
  packet.unit_start = (in[1] & 0x40) != 0;
  packet.pid = static_cast<Pid>((in[1] & 0x1f) << 8 | in[2]);
  packet.scrambling = in[3] >> 6;
  packet.continuity = in[3] & 0x0f;
  const unsigned control = in[3] >> 4 & 3;
  if (control == 0) return Errc::reserved_control;
  std::size_t at = 4;
  if ((control & 2) != 0) {
    const std::size_t length = in[at++];
    if (at + length > packet_bytes) return Errc::adaptation_too_long;
    TRY_VOID(parse_adaptation(in.subspan(at, length), packet));
    at += length;
  }
  packet.has_payload = (control & 1) != 0;
  if (packet.has_payload) packet.payload = in.subspan(at, packet_bytes - at);
  return packet;
}

std::size_t write_packet_head(std::uint8_t* out, const PacketHead& head, std::size_t payload) {
  assert(payload + adaptation_bytes(head) <= payload_bytes && "the payload fits beside the adaptation field");
  const std::size_t field = payload_bytes - payload;  // adaptation field with its length byte
  out[0] = sync_byte;
  out[1] = static_cast<std::uint8_t>((head.unit_start ? 0x40 : 0) | (head.pid >> 8 & 0x1f));
  out[2] = static_cast<std::uint8_t>(head.pid);
  out[3] = static_cast<std::uint8_t>((field != 0 ? 0x20 : 0) | (payload != 0 ? 0x10 : 0) | (head.continuity & 0x0f));
  std::size_t at = 4;
  if (field == 0) return at;
  out[at++] = static_cast<std::uint8_t>(field - 1);
  if (field == 1) return at;
  out[at++] = static_cast<std::uint8_t>((head.discontinuity ? flag_discontinuity : 0) |
                                        (head.random_access ? flag_random_access : 0) | (head.pcr_base ? flag_pcr : 0));
  if (head.pcr_base) {
    const std::uint64_t base = *head.pcr_base & clock_mask;
    out[at++] = static_cast<std::uint8_t>(base >> 25);
    out[at++] = static_cast<std::uint8_t>(base >> 17);
    out[at++] = static_cast<std::uint8_t>(base >> 9);
    out[at++] = static_cast<std::uint8_t>(base >> 1);
    out[at++] = static_cast<std::uint8_t>((base & 1) << 7 | 0x7e);
    out[at++] = 0;
  }
  const std::size_t end = 4 + field;
  std::memset(out + at, 0xff, end - at);
  return end;
}

}  // namespace weir::ts
