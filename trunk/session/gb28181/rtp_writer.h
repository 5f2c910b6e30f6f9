#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace weir::session::gb28181 {

// A pack as RTP packets of payload type 96 (GB/T 28181 C.2): equally long ones, of which the last may be shorter and
// has the marker. By TCP each stands behind its length (RFC 4571). No socket and no clock.
class RtpWriter {
 public:
  static constexpr std::size_t usual_bytes = 1'400;

  // `packet_bytes`: of the longest packet, with its header.
  RtpWriter(std::uint32_t ssrc, bool framed, std::size_t packet_bytes = usual_bytes)
      : ssrc_(ssrc), framed_(framed), packet_bytes_(packet_bytes) {}

  // Appends packets of the pack from `done` on until `out` has grown by `most` bytes or the pack is over, and moves
  // `done` behind them. At least one packet.
  void append(base::Bytes pack, std::uint32_t timestamp, std::size_t& done, std::size_t most, base::Buffer& out);
  std::uint64_t packets() const { return packets_; }
  std::size_t packet_bytes() const { return packet_bytes_; }
  std::size_t payload_bytes() const { return packet_bytes_ - 12; }

 private:
  // given
  std::uint32_t ssrc_;
  bool framed_;
  std::size_t packet_bytes_;

  // state
  std::uint16_t sequence_ = 0;
  std::uint64_t packets_ = 0;
};

}  // namespace weir::session::gb28181
