#include "session/forward/http_sender.h"

#include <fmt/format.h>

#include "format/flv/muxer.h"
#include "net/http/request_head.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"
#include "net/worker.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/reach.h"
#include "session/common/upstream/way.h"

namespace weir::session::forward {

using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds http_step = 10s;
constexpr std::size_t most_answer = 16 * 1024;  // bytes of its head
constexpr std::string_view line_end = "\r\n";

std::string head_of(const upstream::HttpTarget& target, const std::string& way) {
  http::ClientRequest request{.method = "POST"};
  request.headers.add("Content-Type", "video/x-flv");
  request.headers.add("Transfer-Encoding", "chunked");
  if (!target.authorization.empty()) request.headers.add("Authorization", target.authorization);
  if (!way.empty()) request.headers.add(upstream::way_header, way);
  return http::request_head(target.url, request);
}

}  // namespace

net::Task<Result<std::unique_ptr<net::ByteStream>>> open_http(net::Life& life, upstream::TlsClients& tls,
                                                              const upstream::Trust& trust,
                                                              const upstream::HttpTarget& target,
                                                              const std::string& way, Examine examine,
                                                              std::string& why) {
  why.clear();  // what the system says of a connection says it all
  CO_TRY(auto stream, co_await net::connect(life.worker(), target.url.host, target.url.port, http_step));
  CO_TRY_VOID(upstream::may_dial(trust, stream->peer().address, why));
  CO_TRY_VOID(examine(*stream));
  life.watchdog.arm(http_step);
  if (target.url.secure()) {
    CO_TRY(net::TlsContext* const context, tls.get(trust, why));
    auto secured = net::TlsStream::make_client(std::move(stream), *context, target.url.host);
    why = "the TLS handshake";
    if (const auto shaken = co_await secured->handshake(); !shaken) {
      if (!secured->failure().empty()) why = secured->failure();
      co_return shaken.error();
    }
    stream = std::move(secured);
  }
  net::apply({.not_sent_low_water_bytes = 128 * 1024}, stream->native_handle());
  why = "the request";
  const std::string head = head_of(target, way);
  CO_TRY_VOID(co_await stream->write(base::as_bytes(head)));
  life.watchdog.disarm();
  why.clear();
  co_return std::move(stream);
}

HttpSender::HttpSender(net::Life& life, net::ByteStream& stream, hub::Seat seat, hub::MemoryBudget* memory)
    : StreamSender(life, stream, seat, memory), parser_(http::HeadLimits{.head_bytes = most_answer}) {}

void HttpSender::begin_chunk(std::size_t size) { out().append(base::as_bytes(fmt::format("{:x}\r\n", size))); }

void HttpSender::begin_file() {
  std::uint8_t prologue[flv::prologue_bytes];
  flv::write_prologue(prologue, {});
  begin_chunk(sizeof prologue);
  out().append(base::Bytes(prologue));
  out().append(base::as_bytes(line_end));
}

void HttpSender::put(flv::TagType type, std::uint32_t time_ms, base::Bytes body) {
  if (!std::exchange(begun_, true)) begin_file();
  begin_chunk(flv::tag_header_bytes + body.size() + flv::back_pointer_bytes);
  flv::append_tag(out(), type, base::Millis(time_ms), body);
  out().append(base::as_bytes(line_end));
}

void HttpSender::close() { out().append(base::as_bytes("0\r\n\r\n")); }

ErrorCode HttpSender::heard(base::Bytes bytes, std::string& why) {
  if (agreed_) return {};
  held_.append(bytes);
  while (!parser_->head_done()) {
    const auto used = parser_->put(held_);
    if (!used) return used.error();
    if (*used == 0) return held_.size() > most_answer ? ErrorCode(http::Errc::head_too_large) : ErrorCode();
    held_.consume(*used);
  }
  const int status = parser_->take_head().status;
  if (status >= 100 && status < 200) {  // RFC 9110 15.2: it goes on listening
    parser_.emplace(http::HeadLimits{.head_bytes = most_answer});
    return {};
  }
  if (status < 300) {
    agreed_ = true;
    held_.release_memory();
    return {};
  }
  why = fmt::format("HTTP status {}", status);
  return upstream::Errc::refused;
}

}  // namespace weir::session::forward
