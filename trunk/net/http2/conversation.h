#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/allowance.h"
#include "base/bytes.h"
#include "net/http/parser.h"
#include "net/http/request.h"
#include "net/http2/error.h"
#include "net/http2/output.h"

struct nghttp2_session;

namespace weir::http2 {

using StreamId = std::int32_t;

// Why a stream or a connection is ended (RFC 9113 7).
enum class Reason : std::uint32_t {
  none = 0x0,
  protocol_error = 0x1,
  internal_error = 0x2,
  refused_stream = 0x7,
  cancel = 0x8,
  enhance_your_calm = 0xb,
};

struct Limits {
  http::HeadLimits head;
  // At a time. Fewer than the 100 of RFC 9113 5.1.2, since a connection counts once where connections are limited; what
  // a client begins beyond, before it knows, is REFUSED_STREAM, and it asks again (8.7).
  std::uint32_t streams = 16;
  std::int32_t stream_window_bytes = 256 * 1024;         // of a request's body that nobody read yet
  std::int32_t connection_window_bytes = 1024 * 1024;    // of all of them
  double resets = 200, resets_per_second = 20;           // of streams by the peer: CVE-2023-44487
  double controls = 1000, controls_per_second = 100;     // SETTINGS, PING, PRIORITY, empty DATA, ...
  double updates = 20'000, updates_per_second = 10'000;  // WINDOW_UPDATE, which a fast download needs many of
};

// What HTTP/2 has to say about one connection, as its server (RFC 9113): bytes and the time go in, requests and bytes
// come out. Stands on nghttp2. Knows no socket; single-threaded.
//
// The body of an answer is not kept: write() makes frames around the bytes that it is given, as far as the peer's
// windows go, and these have to leave with what was gathered, or be copied.
class Conversation {
 public:
  // What input() finds. In the middle of nghttp2's work: answers may be begun from here, but nothing gathered.
  class Events {
   public:
    virtual ~Events() = default;
    // A request came in whole up to its body; `has_body`: that follows. A fault is one of the request alone, to be
    // answered.
    virtual void requested(StreamId id, base::Result<http::Request> request, bool has_body) = 0;
    // Has to be acknowledged by consumed() once somebody read it.
    virtual void body_came(StreamId id, base::Bytes bytes) = 0;
    virtual void body_ended(StreamId id) = 0;
    // The stream is over, for whatever reason.
    virtual void closed(StreamId id) = 0;
    // More may be written, on that stream or on all (0).
    virtual void window_opened(StreamId id) = 0;
  };

  Conversation(const Limits& limits, Events& events);
  ~Conversation();
  Conversation(const Conversation&) = delete;

  // What the peer sent. A fault ends the connection, once what is gathered was sent. The first call expects the
  // preface.
  base::Result<void> input(base::Bytes bytes, base::Instant now);

  // Begins an answer. `bare`: it has no body.
  void answer(StreamId id, int status, const http::Headers& fields, std::optional<std::uint64_t> size_bytes, bool bare);
  // Frames as many of the bytes as the windows and `most` allow, which are so many, into `out`. `ends`: they are the
  // last, if all of them fit. What is gathered goes before.
  std::size_t write(StreamId id, std::span<const iovec> parts, std::size_t most, bool ends, Output& out);
  // How many bytes the peer takes of that stream now.
  std::size_t room(StreamId id) const;
  void reset(StreamId id, Reason reason);
  void consumed(StreamId id, std::size_t bytes);
  // No further streams; those that there are go on.
  void leave();
  // Frames that wait, in order.
  void gather(Output& out);
  // Nothing more will come or go.
  bool over() const;
  // The peer broke the rules and was told so: no stream gets an answer any more.
  bool broken() const { return broken_; }
  // In the middle of a request's fields.
  bool amid_fields() const { return arriving_.has_value(); }

 private:
  struct Calls;
  // The request whose fields come in.
  struct Arriving {
    StreamId id = 0;
    http::Request request;
    std::size_t bytes = 0, fields = 0;
    bool names_host = false;
    http::Errc fault{};
  };
  // What write() is given.
  struct Offer {
    StreamId id = 0;
    std::span<const iovec> parts;
    std::size_t offset = 0;  // in the first of them
    std::size_t left = 0, taken = 0;
    bool ends = false;
    Output* out = nullptr;
  };
  void begin_request(StreamId id);
  void add_field(std::string_view name, std::string_view value);
  void end_request(bool has_body);
  void count(std::uint8_t frame_type, std::size_t length, std::uint8_t flags);
  bool count_field(std::size_t bytes);
  void take(base::Allowance& allowance, Errc fault);

  // given
  Limits limits_;
  Events& events_;

  // owned
  std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session_;

  // state
  base::Allowance resets_, controls_, updates_;
  base::Instant now_{};
  Errc fault_ = Errc::ok;
  bool broken_ = false;
  std::size_t block_bytes_ = 0;  // of the fields that come in, decoded
  std::set<StreamId> given_up_;  // by us, which the peer is not to blame for; until it was sent
  std::optional<Arriving> arriving_;
  Offer offer_;
  std::set<StreamId> ending_;  // all was written; what says so waits for the window
};

}  // namespace weir::http2
