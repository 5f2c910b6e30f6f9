#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "net/byte_stream.h"
#include "session/webrtc/way.h"

namespace weir::session::webrtc {

// What goes to a peer over one TCP connection (RFC 6544, RFC 4571). What the peer does not take in time is dropped and
// counted as a network would do, so that a slow one gets no delay of seconds. Lives in the frame of its connection's
// coroutine, on the worker of its session; the stream outlives it.
class TcpLink {
 public:
  TcpLink(net::ByteStream& stream, const Way& way) : stream_(stream), way_(way) {}

  // As DatagramOut::send has it.
  void send(base::Bytes packets, std::size_t segment);

  const Way& way() const { return way_; }
  // It failed, and nothing can be sent any more.
  bool failed() const { return failed_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t drops() const { return drops_; }

  static constexpr std::size_t most_queued = 256 * 1024;  // a second of 2 Mb/s

 private:
  void pump();

  // given
  net::ByteStream& stream_;
  const Way way_;

  // state
  base::Buffer queue_;
  std::size_t at_ = 0;  // what of it was written
  bool waiting_ = false, failed_ = false;
  std::uint64_t sent_ = 0, drops_ = 0;
};

}  // namespace weir::session::webrtc
