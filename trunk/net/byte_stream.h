#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "net/error.h"
#include "net/meter.h"
#include "net/task.h"
#include "net/turn.h"

namespace weir::net {

struct Peer {
  std::string address;  // "192.0.2.7" or "2001:db8::1", without brackets
  std::uint16_t port = 0;
};

// A connection as sessions see it: TCP or TLS, client or server. Lives on one worker; owned by its session's coroutine
// frame. Nothing is buffered here beyond what TLS must.
//
// The try_ functions never wait and are the fast path of the fan-out; the tasks are built on them. What is read in one
// turn of the event loop is bounded: when the stream's turn is over, try_read() says that it would block and the wait
// for reading lets the others go first. write() does so by itself; try_write() is one write for each event, and whoever
// repeats it spends turn(). One task may wait
// for reading and one for writing at a time. A task ends with Errc::stopped when cancel() is called or its session is
// told to stop, and with Errc::end_of_stream when the peer has closed.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // At least one byte, or an error; Errc::would_block if there is nothing now, or the turn is over.
  virtual base::Result<std::size_t> try_read(base::MutableBytes room) = 0;
  // As many bytes of the parts, in order, as the kernel takes now; Errc::would_block if it takes none.
  virtual base::Result<std::size_t> try_write(std::span<const iovec> parts) = 0;
  virtual Task<base::Result<void>> readable() = 0;
  virtual Task<base::Result<void>> writable() = 0;
  // Calls `then` once, on this worker, when bytes can be read, or written, or the stream failed; never before it
  // returned. Dropped when the stream is destroyed. At most one each is outstanding, and none beside readable() or
  // writable().
  virtual void when_readable(std::function<void()> then) = 0;
  virtual void when_writable(std::function<void()> then) = 0;

  // Ends all waiting tasks with Errc::stopped; the stream stays open.
  virtual void cancel() = 0;
  // Tells the peer that no more follows (TLS close_notify, TCP FIN). What was written before still arrives.
  virtual void shutdown() = 0;
  virtual void close() = 0;
  virtual int native_handle() const = 0;
  virtual bool encrypted() const = 0;
  // Whether what is written to native_handle() is what the peer gets.
  virtual bool is_raw() const { return !encrypted(); }
  // Nothing of what counts as written is kept here; if it is, it leaves with the next try_write(), be that of nothing.
  virtual bool is_drained() const { return true; }
  // What both sides chose to speak (RFC 7301); empty: nothing was asked.
  virtual std::string_view protocol() const { return {}; }

  const Peer& peer() const { return peer_; }
  const Peer& local() const { return local_; }
  // The ends of the client's connection, in place of those of the load balancer which relays it.
  void relayed_for(Peer client, Peer local) {
    peer_ = std::move(client);
    local_ = std::move(local);
  }
  const Meter& meter() const { return meter_; }
  std::uint64_t received_bytes() const { return meter_.received_bytes; }
  std::uint64_t sent_bytes() const { return meter_.sent_bytes; }

  // What this connection may do before the others have their turn; of TLS, that of the stream below.
  Turn& turn() { return *turn_; }
  const Turn& turn() const { return *turn_; }
  // Lets everything else that is ready go first; then a new turn begins.
  Task<base::Result<void>> yield();

  // Built on the above. `room` and `bytes` must live until the task ends.
  Task<base::Result<std::size_t>> read_some(base::MutableBytes room);
  Task<base::Result<void>> read_exactly(base::MutableBytes room);
  Task<base::Result<void>> write(base::Bytes bytes);
  Task<base::Result<void>> write(std::span<const base::Bytes> parts);

 protected:
  // `cut_turns` as Turn has it.
  explicit ByteStream(std::uint64_t* cut_turns = nullptr) : own_turn_(cut_turns) {}

  Peer peer_;
  Peer local_;
  Meter meter_;
  Turn own_turn_;
  Turn* turn_ = &own_turn_;
};

}  // namespace weir::net
