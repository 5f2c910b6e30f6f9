#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "proto/rtp/error.h"

namespace weir::rtp {

inline constexpr std::size_t header_bytes = 12;

// RFC 7983 7 and RFC 5761 4: what of a WebRTC port is RTP or RTCP, and which of the two.
inline bool looks_like_rtp(base::Bytes datagram) {
  return datagram.size() >= header_bytes && datagram[0] >= 128 && datagram[0] < 192;
}
inline bool is_rtcp(base::Bytes datagram) { return datagram.size() >= 2 && datagram[1] >= 192 && datagram[1] <= 223; }

// One RTP packet (RFC 3550 5.1). The spans point into the datagram, which must outlive it.
struct Packet {
  bool marker = false;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::uint16_t extension_profile = 0;  // 0xbede: one-byte headers, 0x100x: two-byte (RFC 8285)
  base::Bytes extension;
  base::Bytes payload;  // without padding
};

base::Result<Packet> parse(base::Bytes datagram);

// The data of a header extension (RFC 8285 4); none if the packet has no such id. Ids 1 to 14.
std::optional<base::Bytes> find_extension(const Packet& packet, std::uint8_t id);

// The fixed header, without CSRCs and extension; `room` holds 12 bytes.
struct Head {
  bool marker = false, extension = false;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0, ssrc = 0;
};
void write_head(base::MutableBytes room, const Head& head);

}  // namespace weir::rtp
