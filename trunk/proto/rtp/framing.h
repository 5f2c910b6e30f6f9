#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "proto/rtp/error.h"

namespace weir::rtp {

// Packets on a byte stream, each behind its length in two bytes (RFC 4571 2). STUN and DTLS go the same way (RFC 6544
// 10.1).
constexpr std::size_t frame_head_bytes = 2;
constexpr std::size_t most_framed = 65'535;

// Writes the head of a packet of that size, at most most_framed.
inline void write_frame_head(base::MutableBytes room, std::size_t size) {
  room[0] = static_cast<std::uint8_t>(size >> 8);
  room[1] = static_cast<std::uint8_t>(size);
}

// Finds the packets in what was read.
//
//   reader.input(bytes);
//   while (auto packet = *TRY(reader.next())) ...
class FrameReader {
 public:
  // A packet longer than `most` bytes ends the stream: nothing like it belongs there.
  explicit FrameReader(std::size_t most) : most_(most) {}

  void input(base::Bytes bytes);
  // The next whole packet; it may be written to, and is valid until the next input(). None: more has to be read.
  // Errc::frame_too_long.
  base::Result<std::optional<base::MutableBytes>> next();
  // What was read and is not given yet.
  base::Bytes rest() const { return buffer_.bytes().subspan(at_); }

 private:
  // given
  std::size_t most_;

  // state
  base::Buffer buffer_;  // never more than one read and one packet
  std::size_t at_ = 0;
};

}  // namespace weir::rtp
