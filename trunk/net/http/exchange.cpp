#include "net/http/exchange.h"

#include <fmt/format.h>

#include <fmt/chrono.h>

#include <charconv>
#include <ctime>
#include <limits>

#include "base/text.h"
#include "net/coroutine.h"
#include "net/http/request_body.h"
#include "net/http/server.h"
#include "net/http/text.h"
#include "net/websocket.h"

namespace weir::http {

using base::Bytes;
using base::Result;
using net::Task;

namespace {

// What a handler left unread is read and thrown away up to here; beyond it a new connection is cheaper.
constexpr std::uint64_t most_to_discard = 64 * 1024;
constexpr std::size_t write_step = 256 * 1024;

constexpr std::string_view retry_after = "5";  // seconds

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

Exchange::Exchange(net::ByteStream& stream, net::Watchdog& watchdog, const ServerOptions& options, Request request,
                   std::unique_ptr<RequestBody> body, AnswerHead* head)
    : stream_(stream),
      watchdog_(watchdog),
      options_(options),
      request_(std::move(request)),
      reader_(std::move(body)),
      must_close_(!request_.keep_alive || (options.leaving && options.leaving())),
      head_(head) {}

Exchange::~Exchange() = default;

Client Exchange::client() const {
  return client_of(request_.headers, stream_.peer().address, options_.trusts_proxy, options_.forwarded_by());
}

// `*` opens neither credentials nor the Authorization header (Fetch 3.2.5), so that has to be named.
template <class Add>
void Exchange::each_cors_field(const Add& add) const {
  const std::string_view origin = request_.headers.find("Origin");
  // A cache must not give a page of another origin the answer to one without (Fetch, "CORS protocol and HTTP caches").
  if (options_.cors) add("Vary", "Origin");
  if (!options_.cors || origin.empty() || readable_ == Readable::by_none) return;
  const bool by_all = readable_ == Readable::by_all;
  add("Access-Control-Allow-Origin", by_all ? std::string_view("*") : origin);
  add("Access-Control-Allow-Headers", by_all ? "*" : "*, Authorization");
  add("Access-Control-Allow-Methods", by_all ? "*" : "GET, HEAD, POST, PUT, PATCH, DELETE");
  add("Access-Control-Expose-Headers", "*");
  add("Access-Control-Allow-Credentials", "false");
  if (request_.headers.has("Access-Control-Request-Private-Network")) {
    add("Access-Control-Allow-Private-Network", "true");
  }
}

template <class Add>
void Exchange::each_general_field(const Add& add) const {
  add("Server", options_.server_name);
  add("Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))));
}

template <class Add>
void Exchange::each_field(int status, const Headers& headers, const Add& add) const {
  each_cors_field(add);
  for (std::size_t i = 0; i < headers.size(); ++i) add(headers.name(i), headers.value(i));
  // Who is told to come back is told when, whatever part of the server said so (RFC 9110 10.2.3, RFC 6585 4).
  if ((status == 503 || status == 429) && !headers.has("Retry-After")) add("Retry-After", retry_after);
}

std::string Exchange::head_of(int status, const Headers& headers, const Framed& framed) {
  if (reader_ && !reader_->body_done()) {
    // A client that waits for "100 Continue" may or may not send its body after this answer (RFC 9110 10.1.1).
    const bool in_doubt = !continue_sent_ && request_.headers.has("Expect");
    must_close_ = must_close_ || in_doubt || reader_->body_left().value_or(most_to_discard + 1) > most_to_discard;
  }
  std::string head;
  head.reserve(512);
  fmt::format_to(std::back_inserter(head), "HTTP/1.1 {} {}\r\n", status, status_text(status));
  const auto add = [&head](std::string_view name, std::string_view value) { append_field(head, name, value); };
  each_general_field(add);
  if (status != 101) append_field(head, "Connection", must_close_ ? "close" : "keep-alive");
  if (framed.size_bytes) append_field(head, "Content-Length", std::to_string(*framed.size_bytes));
  if (framed.chunked) append_field(head, "Transfer-Encoding", "chunked");
  each_field(status, headers, add);
  head.append("\r\n");
  return head;
}

Task<Result<void>> Exchange::begin(int status, Headers headers, Framed framed, Bytes body) {
  if (!head_) co_return co_await send(head_of(status, headers, framed), body);
  Headers fields;
  const auto add = [&fields](std::string_view name, std::string_view value) { fields.add(name, value); };
  each_general_field(add);
  each_field(status, headers, add);
  CO_TRY_VOID(head_->answer(status, fields, framed.size_bytes, framed.bare));
  if (body.empty()) {
    watchdog_.disarm();
    co_return Result<void>();
  }
  co_return co_await send({}, body);
}

Task<Result<void>> Exchange::send(std::string head, Bytes body) {
  std::array<Bytes, 2> parts{base::as_bytes(head), body.first(std::min(body.size(), write_step))};
  for (;;) {
    watchdog_.arm(options_.write_limit);
    CO_TRY_VOID(co_await stream_.write(parts));
    body = body.subspan(parts[1].size());
    if (body.empty()) break;
    parts = {Bytes(), body.first(std::min(body.size(), write_step))};
  }
  watchdog_.disarm();
  co_return Result<void>();
}

Task<Result<void>> Exchange::reply(Reply reply) {
  if (answered_) co_return Errc::already_replied;
  answered_ = true;
  // RFC 9110 8.6: never with 1xx and 204; with 304 it would be that of the file.
  const bool has_length = reply.status >= 200 && reply.status != 204 && reply.status != 304;
  Framed framed{.bare = !wants_body() || !has_length || reply.body().empty()};
  if (has_length) framed.size_bytes = reply.body().size();
  co_return co_await begin(reply.status, std::move(reply.headers), framed, framed.bare ? Bytes() : reply.body());
}

Task<Result<void>> Exchange::reply_fault(base::ErrorCode fault) {
  must_close_ = true;
  Reply answer = Reply::plain(status_of(fault), fault.message() + "\n");
  co_return co_await reply(std::move(answer));
}

Task<Result<Framing>> Exchange::start_stream(int status, Headers headers, Framing framing) {
  if (answered_) co_return Errc::already_replied;
  answered_ = true;
  must_close_ = owns_stream_ = true;
  if (request_.minor_version == 0) framing = Framing::until_close;
  const bool chunked = framing == Framing::chunked;
  CO_TRY_VOID(co_await begin(status, std::move(headers), {.chunked = chunked}, {}));
  reader_.reset();
  co_return framing;
}

Task<Result<void>> Exchange::start_sized(int status, Headers headers, std::uint64_t size_bytes) {
  if (answered_) co_return Errc::already_replied;
  answered_ = true;
  co_return co_await begin(status, std::move(headers),
                           {.size_bytes = size_bytes, .bare = size_bytes == 0 || !wants_body()}, {});
}

Task<Result<Framing>> Exchange::start_chunked(int status, Headers headers) {
  if (answered_) co_return Errc::already_replied;
  answered_ = true;
  const bool chunked = request_.minor_version != 0;
  if (!chunked) must_close_ = true;
  CO_TRY_VOID(co_await begin(status, std::move(headers), {.chunked = chunked, .bare = !wants_body()}, {}));
  co_return chunked ? Framing::chunked : Framing::until_close;
}

Task<Result<base::Buffer>> Exchange::read_body(std::size_t limit) {
  if (request_.content_length.value_or(0) > limit) co_return Errc::body_too_large;
  watchdog_.arm(options_.body_limit);
  limit = std::min(limit, std::numeric_limits<std::size_t>::max() - 1);
  base::Buffer body;
  for (;;) {
    const std::size_t held = body.size();
    // One byte more than the limit shows that there is more.
    const std::size_t room = std::min<std::size_t>(limit + 1 - held, std::max<std::size_t>(4096, held));
    body.resize(held + room);
    auto count = co_await read_body_some(base::MutableBytes(body.data(), body.size()).subspan(held));
    body.resize(held + (count ? *count : 0));
    if (!count) co_return watchdog_.expired() ? base::ErrorCode(Errc::body_too_slow) : count.error();
    if (*count == 0) break;
    if (body.size() > limit) co_return Errc::body_too_large;
  }
  watchdog_.disarm();
  co_return body;
}

Task<Result<std::size_t>> Exchange::read_body_some(base::MutableBytes room) {
  if (!reader_) co_return Errc::already_replied;
  if (!continue_sent_ && reader_->body_untouched() && !reader_->body_done() &&
      request_.headers.has_token("Expect", "100-continue") && request_.minor_version >= 1) {
    continue_sent_ = true;
    CO_TRY_VOID(co_await stream_.write(base::as_bytes("HTTP/1.1 100 Continue\r\n\r\n")));
  }
  co_return co_await reader_->read_body_some(room);
}

bool Exchange::is_websocket_upgrade() const {
  const Headers& headers = request_.headers;
  return request_.method == "GET" && request_.minor_version >= 1 && headers.has_token("Upgrade", "websocket") &&
         headers.has_token("Connection", "Upgrade") && headers.find("Sec-WebSocket-Version") == "13" &&
         websocket::valid_key(headers.find("Sec-WebSocket-Key"));
}

Task<Result<void>> Exchange::accept_websocket(std::string_view protocol) {
  if (answered_) co_return Errc::already_replied;
  if (!is_websocket_upgrade()) co_return Errc::not_websocket;
  answered_ = true;
  must_close_ = owns_stream_ = true;
  Headers headers{{"Upgrade", "websocket"}, {"Connection", "Upgrade"}};
  headers.add("Sec-WebSocket-Accept", websocket::accept_key(request_.headers.find("Sec-WebSocket-Key")));
  if (!protocol.empty()) headers.add("Sec-WebSocket-Protocol", protocol);
  co_return co_await begin(101, std::move(headers), {}, {});
}

base::Buffer Exchange::take_leftover() {
  base::Buffer rest;
  if (reader_) rest = reader_->take_leftover();
  reader_.reset();
  return rest;
}

bool Exchange::body_done() const { return !reader_ || reader_->body_done(); }

Task<bool> Exchange::finish_body() {
  if (!reader_) co_return false;
  watchdog_.arm(options_.body_limit);
  std::array<std::uint8_t, 1024> room;
  std::uint64_t discarded = 0;
  while (!reader_->body_done()) {
    const auto count = co_await reader_->read_body_some(room);
    if (!count) co_return false;
    discarded += *count;
    if (discarded > most_to_discard) co_return false;
  }
  co_return true;
}

std::size_t write_chunk_head(base::MutableBytes room, std::size_t size) {
  char* const first = reinterpret_cast<char*>(room.data());
  char* const end = std::to_chars(first, first + room.size() - 2, size, 16).ptr;
  end[0] = '\r';
  end[1] = '\n';
  return static_cast<std::size_t>(end + 2 - first);
}

}  // namespace weir::http
