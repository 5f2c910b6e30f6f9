#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "net/byte_stream.h"
#include "net/http/router.h"
#include "net/http/server.h"
#include "net/http2/conversation.h"
#include "net/life.h"
#include "net/notifier.h"
#include "net/worker.h"

namespace weir::http2 {

class Stream;

// One connection: moves bytes between its socket and the conversation, and spawns a session for each request. Shared by
// its coroutine and by the streams, which may outlive it: then they get errors. On its worker.
class Connection final : public std::enable_shared_from_this<Connection>, private Conversation::Events {
 public:
  Connection(net::ByteStream& stream, const http::Router& router, const http::ServerOptions& options, net::Life& life);
  ~Connection();

  net::Task<void> run();

  // Of the streams.
  net::Worker& worker() const { return worker_; }
  const net::Peer& peer() const { return peer_; }
  const net::Peer& local() const { return local_; }
  int native_handle() const { return stream_ ? stream_->native_handle() : -1; }
  bool encrypted() const { return encrypted_; }
  void answer(Stream& stream, int status, const http::Headers& fields, std::optional<std::uint64_t> size_bytes,
              bool bare);
  // How many bytes were taken.
  std::size_t write(Stream& stream, std::span<const iovec> parts, bool ends);
  bool has_room(const Stream& stream) const;
  void reset(Stream& stream, Reason reason);
  void consumed(Stream& stream, std::size_t bytes);
  // Its answer went out, and its body has not come to its end. A little of that is let come: clients (curl 7.88) lose
  // an answer that is followed by a reset. Of more the rest need not come (RFC 9113 8.1).
  void let_rest_come(Stream& stream);
  void wake_soon();
  void forget(Stream& stream);
  std::uint64_t count_service() { return ++services_; }

 private:
  struct Arrival {
    std::shared_ptr<Stream> stream;
    base::Result<http::Request> request;
  };
  enum class Limit : std::uint8_t { none, head, idle };
  void requested(StreamId id, base::Result<http::Request> request, bool has_body) override;
  void body_came(StreamId id, base::Bytes bytes) override;
  void body_ended(StreamId id) override;
  void closed(StreamId id) override;
  void window_opened(StreamId id) override;

  net::Task<base::ErrorCode> read_all();
  net::Task<void> serve(net::Life& life, std::shared_ptr<Stream> stream, http::Request request);
  void begin(Arrival arrival);
  void refuse(Stream& stream, base::ErrorCode error);
  net::Task<base::Result<void>> begin_arrivals();
  void limit(Limit wanted);
  void wake();
  void flush();
  void send(Output& out);
  void send_pending();
  void fail(base::ErrorCode error);
  void leave();
  Stream* find(StreamId id) const;

  // given
  net::ByteStream* stream_;  // null: it is gone
  const http::Router& router_;
  const http::ServerOptions& options_;
  net::Life* life_;  // as long as stream_
  net::Worker& worker_;
  net::Peer peer_, local_;
  bool encrypted_;

  // owned
  Conversation conversation_;
  net::Notifier gone_;  // a stream

  // state
  std::map<StreamId, Stream*> streams_;    // those with a session
  std::map<StreamId, std::size_t> rests_;  // bytes that may still come of bodies whose answers went out
  std::size_t sessions_ = 0;
  std::vector<Arrival> arrivals_;  // of the bytes that are read just now
  std::vector<StreamId> changed_;  // to be woken
  bool wake_all_ = false;
  base::Buffer pending_;  // what the socket did not take
  bool armed_ = false, reading_ = false, wake_posted_ = false;
  bool leaving_ = false, told_to_leave_ = false;
  bool asked_ = false;  // a request came
  Limit limit_ = Limit::none;
  base::ErrorCode failed_;
  std::uint64_t services_ = 0;
};

}  // namespace weir::http2
