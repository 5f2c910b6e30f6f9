#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "format/ts/error.h"

// MPEG-2 transport streams: ISO 13818-1. Section numbers in this folder are those of the edition of 2013.
namespace weir::ts {

using Pid = std::uint16_t;

inline constexpr std::size_t packet_bytes = 188;
inline constexpr std::size_t payload_bytes = 184;  // of a packet without adaptation field
inline constexpr std::uint8_t sync_byte = 0x47;
inline constexpr Pid pat_pid = 0;
inline constexpr Pid null_pid = 0x1fff;
inline constexpr unsigned clock_bits = 33;
inline constexpr std::uint64_t clock_mask = (std::uint64_t{1} << clock_bits) - 1;

// 2.4.3.2; the payload points into what was parsed.
struct Packet {
  Pid pid = null_pid;
  bool transport_error = false;
  bool unit_start = false;  // a PES packet or section begins here
  std::uint8_t scrambling = 0;
  std::uint8_t continuity = 0;
  bool has_payload = false;
  bool discontinuity = false;  // 2.4.3.5: the counter or the clock may jump here
  bool random_access = false;
  std::optional<std::uint64_t> pcr;  // 27 MHz, 42 bits
  base::Bytes payload;
};

// `in` has at least packet_bytes.
base::Result<Packet> parse_packet(base::Bytes in);

// Where a packet's first bytes are written: header and, where asked, adaptation field.
struct PacketHead {
  Pid pid = null_pid;
  bool unit_start = false;
  std::uint8_t continuity = 0;
  bool random_access = false;
  bool discontinuity = false;
  std::optional<std::uint64_t> pcr_base;  // 90 kHz, 33 bits
};

// Bytes of the adaptation field that the flags ask for; 0 if none is needed.
constexpr std::size_t adaptation_bytes(const PacketHead& head) {
  if (head.pcr_base) return 8;
  return head.random_access || head.discontinuity ? 2 : 0;
}
// Writes header and adaptation field for a payload of `payload` bytes, with stuffing so that the payload ends with the
// packet, and returns where the payload goes. `payload` is at most payload_bytes - adaptation_bytes(head); with 0 the
// packet has none and the counter should not be advanced. 2.4.3.3
std::size_t write_packet_head(std::uint8_t* out, const PacketHead& head, std::size_t payload);

}  // namespace weir::ts
