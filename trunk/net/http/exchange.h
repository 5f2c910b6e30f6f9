#pragma once

#include <cassert>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "net/byte_stream.h"
#include "net/http/access.h"
#include "net/http/client_address.h"
#include "net/http/error.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/life.h"
#include "net/watchdog.h"

namespace weir::http {

struct ServerOptions;
class RequestBody;

enum class Framing : std::uint8_t {
  until_close,  // the end of the connection is the end of the body
  chunked,      // RFC 9112 7.1; an HTTP/1.0 client gets until_close instead
};

// Takes the head of an answer where that is no text before the body (HTTP/2).
class AnswerHead {
 public:
  virtual ~AnswerHead() = default;
  // `fields` without those that are about the connection. `size_bytes`: of the body, if it is known. `bare`: none
  // follows.
  virtual base::Result<void> answer(int status, const Headers& fields, std::optional<std::uint64_t> size_bytes,
                                    bool bare) = 0;
};

// One request and its answer, as a handler sees it. Lives in the connection's coroutine frame while the handler runs.
//
// A handler answers once: reply(), or start_stream() or accept_websocket(), after which the raw stream is its own and
// the connection ends when it returns. A handler that returns without an answer has it closed without one.
class Exchange {
 public:
  Exchange(net::ByteStream& stream, net::Watchdog& watchdog, const ServerOptions& options, Request request,
           std::unique_ptr<RequestBody> body, AnswerHead* head = nullptr);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const Request& request() const { return request_; }
  net::ByteStream& stream() { return stream_; }
  net::Watchdog& watchdog() { return watchdog_; }
  // The session that this connection is; for handlers that go on as one. Given by serve_connection().
  net::Life& life() {
    assert(life_ && "serve_connection() was given no Life");
    return *life_;
  }
  void attach(net::Life* life) { life_ = life; }
  const ServerOptions& options() const { return options_; }
  // Who asks, to log and to judge by: the peer, or whom a trusted proxy names before it.
  Client client() const;
  std::string client_address() const { return client().address; }
  // What the router's gate said, before the handler runs.
  void admit(bool is_operator, Readable readable) {
    is_operator_ = is_operator;
    readable_ = readable;
  }
  // The request may see what the public does not.
  bool is_operator() const { return is_operator_; }

  // Sends the whole answer. HEAD gets the head alone.
  net::Task<base::Result<void>> reply(Reply reply);
  // Answers with the status that fits the fault of a request (status_of) and its sentence; closes the connection after
  // it.
  net::Task<base::Result<void>> reply_fault(base::ErrorCode fault);
  // Sends the head and hands the stream over; gives back the framing that the client will expect. Reading buffers are
  // freed. The watchdog is disarmed.
  net::Task<base::Result<Framing>> start_stream(int status, Headers headers, Framing framing);
  // As start_stream, but the size is known, so the connection may serve another request after it. The handler writes
  // exactly `size_bytes` to the stream (none for HEAD: see wants_body()).
  net::Task<base::Result<void>> start_sized(int status, Headers headers, std::uint64_t size_bytes);
  // As start_stream with Framing::chunked, but the stream stays the connection's: when the body has ended (with
  // last_chunk, where the framing that comes back is chunked) it may serve another request. Else close_after_reply().
  net::Task<base::Result<Framing>> start_chunked(int status, Headers headers);
  bool wants_body() const { return request_.method != "HEAD"; }

  // The whole body, at most `limit` bytes. Answers "Expect: 100-continue" first. Errc::body_too_large, body_cut_off,
  // bad_chunk, body_too_slow.
  net::Task<base::Result<base::Buffer>> read_body(std::size_t limit);
  // What comes next of the body, freed of chunk framing; 0 at its end. For uploads without end. Does not arm the
  // watchdog.
  net::Task<base::Result<std::size_t>> read_body_some(base::MutableBytes room);

  bool is_websocket_upgrade() const;
  // Answers 101 and hands the stream over; `protocol` is the subprotocol that was chosen, empty for none.
  net::Task<base::Result<void>> accept_websocket(std::string_view protocol = {});
  // Bytes of the peer that were read together with the request but belong to what follows it.
  base::Buffer take_leftover();

  bool answered() const { return answered_; }
  // No other request can be served on this connection.
  bool must_close() const { return must_close_; }
  void close_after_reply() { must_close_ = true; }
  // A handler took the stream over.
  bool owns_stream() const { return owns_stream_; }
  bool body_done() const;
  // Reads what the handler left of the body, up to a bound; false if more is left.
  net::Task<bool> finish_body();

 private:
  // How the head says where the body ends, and whether there is one.
  struct Framed {
    std::optional<std::uint64_t> size_bytes{};
    bool chunked = false;
    bool bare = false;
  };
  net::Task<base::Result<void>> begin(int status, Headers headers, Framed framed, base::Bytes body);
  net::Task<base::Result<void>> send(std::string head, base::Bytes body);
  std::string head_of(int status, const Headers& headers, const Framed& framed);
  // The fields of the head but those about connection and body.
  template <class Add>
  void each_general_field(const Add& add) const;
  template <class Add>
  void each_field(int status, const Headers& headers, const Add& add) const;
  template <class Add>
  void each_cors_field(const Add& add) const;

  // given
  net::ByteStream& stream_;
  net::Watchdog& watchdog_;
  const ServerOptions& options_;
  Request request_;

  // owned
  std::unique_ptr<RequestBody> reader_;

  // state
  net::Life* life_ = nullptr;
  bool is_operator_ = false;
  Readable readable_ = Readable::by_none;
  bool answered_ = false;
  bool must_close_ = false;
  bool owns_stream_ = false;
  bool continue_sent_ = false;
  AnswerHead* head_;  // given; null: the head is text
};

// The line before a chunk of `size` bytes (RFC 9112 7.1), for handlers that stream with Framing::chunked. Each chunk is
// followed by CRLF, the last is last_chunk. Gives the bytes written; `room` holds at least 18.
std::size_t write_chunk_head(base::MutableBytes room, std::size_t size);
inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace weir::http
