#include "net/http/client.h"

#include "net/coroutine.h"
#include "net/deadline.h"
#include "net/http/parser.h"
#include "net/http/request_head.h"
#include "net/tls_stream.h"

namespace weir::http {

using base::Bytes;
using base::Result;
using net::Task;

namespace {

constexpr std::size_t read_size = 16 * 1024;

// Reads one answer; what follows it stays in `held`.
Task<Result<ClientReply>> read_reply(net::ByteStream& stream, base::Buffer& held, bool without_body,
                                     ClientLimits limits) {
  const HeadLimits head_limits{.head_bytes = limits.max_head_bytes};
  ReplyParser parser(head_limits, without_body);
  ClientReply reply;
  bool have_head = false;
  while (!parser.done()) {
    CO_TRY(const std::size_t used, parser.put(held));
    const Bytes piece = parser.body();
    if (reply.body.size() + piece.size() > limits.max_body_bytes) co_return Errc::body_too_large;
    reply.body.append(base::as_text(piece));
    held.consume(used);
    if (parser.head_done() && !have_head) {
      ReplyHead head = parser.take_head();
      have_head = true;
      reply.status = head.status;
      reply.headers = std::move(head.headers);
      reply.keep_alive = head.keep_alive;
      if (parser.body_left().value_or(0) > limits.max_body_bytes) co_return Errc::body_too_large;
    }
    if (used > 0 || parser.done()) continue;
    // Heads and chunk headers wait here until they are whole.
    const std::size_t waiting = held.size();
    if (waiting > limits.max_head_bytes + read_size) co_return Errc::bad_chunk;
    held.resize(waiting + read_size);
    const auto count = co_await stream.read_some(base::MutableBytes(held.data(), held.size()).subspan(waiting));
    held.resize(waiting + (count ? *count : 0));
    if (count) continue;
    if (count.error() != net::Errc::end_of_stream) co_return count.error();
    if (!have_head && waiting == 0) co_return net::Errc::end_of_stream;
    CO_TRY_VOID(parser.finish());
    reply.keep_alive = false;
    break;
  }
  co_return reply;
}

Task<Result<ClientReply>> talk(net::ByteStream& stream, Url url, ClientRequest request, ClientLimits limits) {
  const std::string head = request_head(url, request);
  const std::array<Bytes, 2> parts{base::as_bytes(head), base::as_bytes(request.body)};
  CO_TRY_VOID(co_await stream.write(parts));
  base::Buffer held;
  constexpr int most_interim = 8;
  for (int i = 0; i < most_interim; ++i) {
    CO_TRY(auto reply, co_await read_reply(stream, held, request.method == "HEAD", limits));
    const bool interim = reply.status >= 100 && reply.status < 200 && reply.status != 101;  // RFC 9110 15.2
    if (!interim) co_return reply;
  }
  co_return Errc::bad_status_line;
}

Task<Result<ClientReply>> connect_and_talk(Connector connect, net::TlsContext* tls, Url url, ClientRequest request,
                                           ClientLimits limits) {
  if (url.secure() && !tls) co_return Errc::unsupported_scheme;
  CO_TRY(auto stream, co_await connect(url.host, url.port));
  if (url.secure()) {
    auto secured = net::TlsStream::make_client(std::move(stream), *tls, url.host);
    CO_TRY_VOID(co_await secured->handshake());
    stream = std::move(secured);
  }
  if (!request.headers.has("Connection")) request.headers.add("Connection", "close");
  co_return co_await talk(*stream, std::move(url), std::move(request), limits);
}

}  // namespace

Task<Result<ClientReply>> exchange_on(net::ByteStream& stream, Url url, ClientRequest request, ClientLimits limits) {
  const auto limit = limits.total;
  co_return co_await net::deadline(limit, talk(stream, std::move(url), std::move(request), limits));
}

Task<Result<ClientReply>> fetch(Connector connect, net::TlsContext* tls, Url url, ClientRequest request,
                                ClientLimits limits) {
  const auto limit = limits.total;
  auto work = connect_and_talk(std::move(connect), tls, std::move(url), std::move(request), limits);
  co_return co_await net::deadline(limit, std::move(work));
}

}  // namespace weir::http
