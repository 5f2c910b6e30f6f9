#pragma once

#include <memory>

#include "net/byte_stream.h"
#include "net/http/exchange.h"
#include "net/http/request_body.h"
#include "net/http2/conversation.h"
#include "net/life.h"
#include "net/notifier.h"

namespace weir::http2 {

class Connection;

// One request of a connection, as its handler sees it: what is written becomes the body of the answer, without a copy
// unless the connection is full. Reading tells only that the peer has gone or gave it up: the request's body is read by
// StreamBody. Held by its session and known to the connection, which it holds.
class Stream final : public net::ByteStream, public http::AnswerHead, public std::enable_shared_from_this<Stream> {
 public:
  Stream(std::shared_ptr<Connection> connection, StreamId id, bool has_body);
  ~Stream() override;

  base::Result<std::size_t> try_read(base::MutableBytes room) override;
  base::Result<std::size_t> try_write(std::span<const iovec> parts) override;
  net::Task<base::Result<void>> readable() override;
  net::Task<base::Result<void>> writable() override;
  void when_readable(std::function<void()> then) override;
  void when_writable(std::function<void()> then) override;
  void cancel() override;
  void shutdown() override;
  void close() override;
  int native_handle() const override;
  bool encrypted() const override;
  bool is_raw() const override { return false; }
  std::string_view protocol() const override { return "h2"; }

  base::Result<void> answer(int status, const http::Headers& fields, std::optional<std::uint64_t> size_bytes,
                            bool bare) override;

  // Bytes of the request's body; 0 at its end. http::Errc::body_cut_off.
  net::Task<base::Result<std::size_t>> read_body(base::MutableBytes room);
  bool body_done() const { return body_ended_ && body_.empty(); }
  // The session that answers it; it is stopped when the peer gives the stream up.
  void attach(net::Life* life) { life_ = life; }

  // The handler is done: the answer ends, or is broken off if it is not whole.
  void finish();

  // Of the connection. None of these runs what waits, but wake().
  void body_came(base::Bytes bytes) { body_.append(bytes); }
  void end_body() { body_ended_ = true; }
  void end() { closed_ = true; }
  // Tells whoever waits what has become of it.
  void wake();

  StreamId id() const { return id_; }
  // Smaller goes first (RFC 9218 4.1), and among equals who went longest ago.
  std::pair<unsigned, std::uint64_t> rank() const { return {urgency_, served_}; }
  bool waits() const { return waits_to_write_ || static_cast<bool>(then_write_); }

 private:
  net::Task<base::Result<void>> wait(net::Notifier& notifier);

  // given
  std::shared_ptr<Connection> connection_;
  StreamId id_;

  // state
  net::Life* life_ = nullptr;
  net::Notifier can_read_, can_write_;
  std::function<void()> then_read_, then_write_;
  base::Buffer body_;                  // of the request, bounded by its window
  std::optional<std::uint64_t> left_;  // of the answer's body, if its size was said
  std::uint64_t served_ = 0;
  std::uint8_t urgency_ = 3;
  bool waits_to_write_ = false, cancelled_ = false;
  bool body_ended_ = false, answered_ = false, ended_ = false, closed_ = false;
};

// The body of its request.
class StreamBody final : public http::RequestBody {
 public:
  explicit StreamBody(Stream& stream) : stream_(stream) {}
  net::Task<base::Result<std::size_t>> read_body_some(base::MutableBytes room) override {
    return stream_.read_body(room);
  }
  bool body_done() const override { return stream_.body_done(); }
  bool body_untouched() const override { return stream_.received_bytes() == 0; }
  std::optional<std::uint64_t> body_left() const override { return std::nullopt; }
  base::Buffer take_leftover() override { return {}; }

 private:
  Stream& stream_;
};

}  // namespace weir::http2
