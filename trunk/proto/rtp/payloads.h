#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace weir::rtp {

// The RTP payloads of one frame, back to back in one buffer: what all players of a stream share. A player adds a header
// of its own before each, with its numbers. The marker bit belongs to the last (RFC 6184 5.1).
struct Payloads {
  base::Buffer bytes;
  std::vector<std::uint16_t> sizes;

  void clear() {
    bytes.clear();
    sizes.clear();
  }
  void add(base::Bytes payload) {
    bytes.append(payload);
    sizes.push_back(static_cast<std::uint16_t>(payload.size()));
  }
};

// What fits into a datagram of 1,200 bytes beside the RTP header, 20 bytes of extensions and an SRTP tag of 16.
inline constexpr std::size_t most_payload_bytes = 1152;

// How many parts `size` bytes make, and how long each but the last is: as equal as can be, since a batch of datagrams
// leaves in one system call only if all but the last have the same size.
struct Division {
  std::size_t parts, part_bytes;
};
constexpr Division divide(std::size_t size, std::size_t most) {
  const std::size_t parts = size == 0 ? 1 : (size + most - 1) / most;
  return {parts, (size + parts - 1) / parts};
}

}  // namespace weir::rtp
