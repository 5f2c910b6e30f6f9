#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "net/byte_stream.h"
#include "net/meter.h"
#include "net/notifier.h"
#include "net/srt/poller.h"
#include "net/transport_figures.h"
#include "net/turn.h"

namespace weir::net {

// One SRT connection in live mode, over libsrt: messages of at most largest_message bytes, delivered when their time
// has come. Lives on one worker; owned by its session's coroutine frame. One task may wait for reading and one for
// writing. As a ByteStream, it lets the others of its worker go first when its turn is over.
class SrtSocket final : private SrtWatched {
 public:
  static constexpr std::size_t largest_message = 1456;  // what a peer may send; a receiver's room must hold it

  // Takes over a connected, non-blocking socket of libsrt; `called` is whom we called, if we did.
  SrtSocket(SrtPoller& poller, int socket, Peer called = {});
  ~SrtSocket();
  SrtSocket(const SrtSocket&) = delete;
  SrtSocket& operator=(const SrtSocket&) = delete;

  // One message; its size. Errc::would_block if there is none now, or the turn is over; Errc::end_of_stream when the
  // peer has left and all that it sent was read.
  base::Result<std::size_t> try_read(base::MutableBytes room);
  // All of the message or nothing: Errc::would_block when the send buffer is full. At most payload_bytes().
  base::Result<void> try_write(base::Bytes message);
  // Errc::stopped when the session was told to stop. After the peer left, readable() and writable() return at once.
  Task<base::Result<void>> readable();
  Task<base::Result<void>> writable();
  // Calls `then` each time there is room again after try_write() would have blocked, and when the connection is over.
  void on_writable(std::function<void()> then) { on_writable_ = std::move(then); }
  // The peer closed or vanished. What came before may still be read.
  bool over() const { return over_; }
  // It is over, and the peer did not say so: nothing was heard of it for most of the time that it may be silent.
  bool vanished() const { return over_ && over_since_ - heard_at_ > peer_idle_timeout_ * 4 / 5; }
  // Time that the messages span which wait in the send buffer, or were sent and not acknowledged yet.
  std::chrono::milliseconds send_queue() const;
  // How late, beyond the latency, a message may be and is still sent; else the library drops it. 0 by default.
  void set_send_patience(std::chrono::milliseconds patience);
  void close();

  int handle() const { return socket_; }
  const std::string& stream_id() const { return stream_id_; }
  const Peer& peer() const { return peer_; }
  const Peer& local() const { return local_; }
  const Meter& meter() const { return meter_; }
  Turn& turn() { return turn_; }
  const Turn& turn() const { return turn_; }
  std::size_t payload_bytes() const { return payload_bytes_; }
  // 0: in the clear; else bytes of the key: 16, 24, 32.
  int key_bytes() const { return key_bytes_; }
  std::string peer_version() const;  // "1.5.1"
  // As it was negotiated: of what is received, and of what is sent.
  std::chrono::milliseconds receive_latency() const { return receive_latency_; }
  std::chrono::milliseconds send_latency() const { return send_latency_; }

  // The library is asked at most once a second.
  const TransportFigures& figures() const;

 private:
  void ready(Ready what) override;
  Task<base::Result<void>> yield();
  bool tail_pending();

  // given
  SrtPoller& poller_;
  int socket_;

  // owned
  Notifier read_wake_, write_wake_;
  TimerWheel::Timer tail_timer_;
  std::function<void()> on_writable_;
  Peer peer_, local_;
  std::string stream_id_;
  Meter meter_;
  Turn turn_;

  // state
  std::size_t payload_bytes_ = 1316;
  int key_bytes_ = 0;
  std::chrono::milliseconds receive_latency_{}, send_latency_{};
  bool readable_ = true, writable_ = true;  // as far as is known
  bool over_ = false;
  std::chrono::milliseconds peer_idle_timeout_{};
  std::chrono::steady_clock::time_point over_since_{}, heard_at_ = std::chrono::steady_clock::now();
  mutable TransportFigures figures_;
  mutable std::chrono::steady_clock::time_point figures_at_{};
};

}  // namespace weir::net
