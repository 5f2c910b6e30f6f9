#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "format/ts/packet.h"

namespace weir::ts {

// Cuts a PES packet of known size into transport packets while it is written, piece by piece, into memory that is large
// enough. Stuffing goes into the last packet only.
class PacketFiller {
 public:
  // `first` is the head of the first packet; `total` is the whole PES packet, header included, and at least one byte.
  PacketFiller(std::uint8_t* out, const PacketHead& first, std::size_t total) : at_(out), next_(first), left_(total) {}

  void put(base::Bytes piece) {
    const std::uint8_t* from = piece.data();
    std::size_t size = piece.size();
    assert(size <= left_ + room_ && "no more than was announced");
    while (size != 0) {
      if (room_ == 0) open();
      if (size >= payload_bytes && room_ == payload_bytes) {
        std::memcpy(at_, from, payload_bytes);  // of a constant size, which is most of the work
        from += payload_bytes;
        size -= payload_bytes;
        at_ += payload_bytes;
        room_ = 0;
        continue;
      }
      const std::size_t count = size < room_ ? size : room_;
      std::memcpy(at_, from, count);
      from += count;
      size -= count;
      at_ += count;
      room_ -= count;
    }
  }

  bool complete() const { return left_ == 0 && room_ == 0; }
  std::uint8_t* end() const { return at_; }
  std::uint8_t next_continuity() const { return next_.continuity; }

 private:
  void open() {
    std::size_t room = payload_bytes - adaptation_bytes(next_);
    if (room > left_) room = left_;
    at_ += write_packet_head(at_, next_, room);
    room_ = room;
    left_ -= room;
    next_ = {.pid = next_.pid, .continuity = static_cast<std::uint8_t>((next_.continuity + 1) & 0x0f)};
  }

  std::uint8_t* at_;
  PacketHead next_;
  std::size_t left_;      // not yet given a place
  std::size_t room_ = 0;  // left in the open packet
};

}  // namespace weir::ts
