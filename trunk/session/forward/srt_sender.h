#pragma once

#include "session/common/srt_writer.h"
#include "session/forward/sending.h"

namespace weir::session::forward {

// Sends a stream as a transport stream over an SRT connection, from its newest group of pictures on, until the stream
// ends, the other side does, or the life is told to stop. On the worker of all that it is given, which outlives it.
class SrtSender final : public Sending {
 public:
  SrtSender(net::Life& life, net::SrtSocket& socket, hub::Seat seat)
      : life_(life), socket_(socket), feed_(seat.feed), writer_(life, socket, seat) {}

  // hub::Errc::unpublished: the stream ended; net::Errc::end_of_stream: the other side left; timed_out: it vanished.
  net::Task<base::ErrorCode> run();

  std::uint64_t sent_bytes() const override { return socket_.meter().sent_bytes; }
  std::uint64_t skips() const override { return writer_.skips(); }
  base::Ticks behind() const override { return writer_.behind(); }
  std::uint64_t drops() const override { return socket_.figures().send_dropped; }
  const net::TransportFigures* transport() const override { return &socket_.figures(); }

 private:
  net::Life& life_;
  net::SrtSocket& socket_;
  hub::Feed& feed_;
  SrtWriter writer_;
};

}  // namespace weir::session::forward
