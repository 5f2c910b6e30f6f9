#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace weir::session::webrtc {

// Where a session puts its plain packets. Those of one turn leave as one batch: encrypted where they stand, neighbours
// of equal size in one system call. Lives on the session's worker.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  // Room for one plain packet of at most `most` bytes; valid until the next call of any other function here.
  virtual base::MutableBytes room(std::size_t most) = 0;
  // The packet of `size` bytes that was written into room(): encrypted and put behind those before it. Dropped and
  // counted while the transport is not up.
  virtual void put_rtp(std::size_t size) = 0;
  virtual void put_rtcp(std::size_t size) = 0;  // a compound packet
  // What was put leaves.
  virtual void flush() = 0;
};

}  // namespace weir::session::webrtc
