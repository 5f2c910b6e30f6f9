#pragma once

#include <algorithm>

#include "format/ts/pes.h"
#include "format/ts/psi.h"

// What the parts of the Muxer share.
namespace weir::ts {

// The most packets for a PES packet with this payload: a header with both times, and a clock reference in the first.
constexpr std::size_t bytes_for(std::size_t payload) {
  return (payload + largest_pes_header + 8 + payload_bytes - 1) / payload_bytes * packet_bytes;
}

// Turns a section into packets, all but their continuity counters.
inline base::Buffer in_packets(const base::Buffer& section, Pid pid) {
  base::Buffer out;
  base::Bytes left = section;
  for (bool first = true; first || !left.empty(); first = false) {
    const std::size_t start = out.size();
    out.resize(start + packet_bytes);
    std::uint8_t* const packet = out.data() + start;
    std::size_t at = write_packet_head(packet, {.pid = pid, .unit_start = first}, payload_bytes);
    if (first) packet[at++] = 0;  // pointer_field
    const std::size_t count = std::min(left.size(), packet_bytes - at);
    std::copy_n(left.begin(), count, packet + at);
    std::fill(packet + at + count, packet + packet_bytes, std::uint8_t{0xff});
    left = left.subspan(count);
  }
  return out;
}

inline std::uint8_t* put_packets(std::uint8_t* out, const base::Buffer& packets, std::uint8_t& continuity) {
  std::copy_n(packets.data(), packets.size(), out);
  for (std::size_t at = 0; at < packets.size(); at += packet_bytes) {
    out[at + 3] = static_cast<std::uint8_t>(out[at + 3] | continuity);
    continuity = static_cast<std::uint8_t>((continuity + 1) & 0x0f);
  }
  return out + packets.size();
}

}  // namespace weir::ts
