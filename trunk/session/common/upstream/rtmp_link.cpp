#include "session/common/upstream/rtmp_link.h"

#include <array>

#include "net/tcp_stream.h"
#include "net/tls_stream.h"
#include "net/worker.h"
#include "session/common/upstream/reach.h"

namespace weir::session::upstream {

using base::Result;
using net::Task;

namespace {

constexpr std::uint16_t rtmp_port = 1935, rtmps_port = 443;

bool is_secure(const proto::StreamUrl& url) { return url.scheme == "rtmps"; }

std::uint16_t port_of(const proto::StreamUrl& url) {
  if (url.port != 0) return url.port;
  return is_secure(url) ? rtmps_port : rtmp_port;
}

::weir::rtmp::ClientOptions options_of(const Call& call) {
  ::weir::rtmp::ClientOptions options;
  options.role = call.role;
  options.tc_url = proto::tc_url_of(call.url);
  options.app = call.url.app;
  options.stream = proto::stream_name_of(call.url);
  options.chunk_size = call.chunk_size;
  options.args = call.arguments;
  if (call.as) {
    if (!call.as->tc_url.empty()) options.tc_url = call.as->tc_url;
    options.page_url = call.as->page_url;
    options.swf_url = call.as->swf_url;
  }
  return options;
}

// redirect2 is the whole URL; servers that know none give the tcUrl alone.
Result<proto::StreamUrl> place_of(const ::weir::rtmp::Redirected& away, const proto::StreamUrl& before) {
  auto url = parse_rtmp_url(away.url.empty() ? away.tc_url : away.url);
  if (!url) return Errc::bad_redirect;
  if (away.url.empty() || url->stream.empty()) {
    url->app = before.app;
    url->stream = before.stream;
  }
  if (url->param.empty()) url->param = before.param;
  return url;
}

bool same(const proto::StreamUrl& a, const proto::StreamUrl& b) {
  return a.scheme == b.scheme && a.host == b.host && port_of(a) == port_of(b) && a.app == b.app &&
         a.stream == b.stream && a.param == b.param;
}

}  // namespace

Result<proto::StreamUrl> parse_rtmp_url(std::string_view text) {
  auto url = proto::parse_stream_url(text, "");
  if (!url || url->host.empty() || (url->scheme != "rtmp" && url->scheme != "rtmps")) return Errc::bad_address;
  return *std::move(url);
}

Task<Result<std::unique_ptr<RtmpLink>>> RtmpLink::dial(net::Life& life, TlsClients& tls, const Call& call,
                                                       std::string& why) {
  why.clear();  // what the system says of a connection says it all
  CO_TRY(auto stream, co_await net::connect(life.worker(), call.url.host, port_of(call.url), call.step));
  CO_TRY_VOID(may_dial(call.trust, stream->peer().address, why));
  if (call.examine) CO_TRY_VOID(call.examine(*stream, call.url));
  if (is_secure(call.url)) {
    CO_TRY(net::TlsContext * context, tls.get(call.trust, why));
    auto secured = net::TlsStream::make_client(std::move(stream), *context, call.url.host);
    life.watchdog.arm(call.step);
    why = "the TLS handshake";
    if (const auto shaken = co_await secured->handshake(); !shaken) {
      if (!secured->failure().empty()) why = secured->failure();
      co_return shaken.error();
    }
    stream = std::move(secured);
  }
  net::apply({.not_sent_low_water_bytes = 128 * 1024}, stream->native_handle());
  co_return std::unique_ptr<RtmpLink>(new RtmpLink(std::move(stream), options_of(call)));
}

Task<Result<void>> RtmpLink::flush() {
  while (!client_.output().empty()) {
    const base::Buffer output = client_.take_output();
    CO_TRY_VOID(co_await stream_->write(output.bytes()));
  }
  co_return Result<void>();
}

Task<Result<std::optional<::weir::rtmp::Redirected>>> RtmpLink::agree(net::Life& life, const Call& call,
                                                                      std::string& why, bool connect_only) {
  std::array<std::uint8_t, 4096> room;
  life.watchdog.arm(call.step);
  why = "the answer to connect";
  while (!client_.publishing() && !client_.playing()) {
    CO_TRY_VOID(co_await flush());
    CO_TRY(const std::size_t count, co_await stream_->read_some(room));
    if (const auto taken = client_.input(base::Bytes(room).first(count)); !taken) {
      why = client_.diagnostic().sentence();
      co_return taken.error();
    }
    // What comes once it has agreed stays for whoever has the link.
    while (!client_.publishing() && !client_.playing()) {
      auto event = client_.poll();
      if (!event) break;
      if (auto* away = std::get_if<::weir::rtmp::Redirected>(&*event)) co_return std::optional(std::move(*away));
      if (const auto* refused = std::get_if<::weir::rtmp::Refused>(&*event)) {
        why = refused->code + (refused->description.empty() ? "" : ": " + refused->description);
        co_return Errc::refused;
      }
      if (!std::holds_alternative<::weir::rtmp::Connected>(*event)) continue;
      if (connect_only) co_return std::optional<::weir::rtmp::Redirected>();
      life.watchdog.arm(call.step);
      why = call.role == ::weir::rtmp::Role::publish ? "the answer to publish" : "the answer to play";
    }
  }
  CO_TRY_VOID(co_await flush());
  co_return std::optional<::weir::rtmp::Redirected>();
}

Task<Result<std::unique_ptr<RtmpLink>>> RtmpLink::open(net::Life& life, TlsClients& tls, Call call, std::string& why) {
  for (unsigned i = 0; i <= most_redirects; ++i) {
    CO_TRY(auto link, co_await dial(life, tls, call, why));
    CO_TRY(const auto away, co_await link->agree(life, call, why));
    if (!away) {
      life.watchdog.disarm();
      co_return std::move(link);
    }
    why.clear();
    CO_TRY(auto next, place_of(*away, call.url));
    if (same(next, call.url)) co_return Errc::too_many_redirects;
    call.url = std::move(next);
  }
  co_return Errc::too_many_redirects;
}

Task<Result<void>> RtmpLink::ask_to_connect(net::Life& life, TlsClients& tls, Call call,
                                            std::chrono::milliseconds limit, bool& reached, std::string& why) {
  CO_TRY(auto link, co_await dial(life, tls, call, why));
  reached = true;
  call.step = limit;
  CO_TRY(const auto away, co_await link->agree(life, call, why, true));
  life.watchdog.disarm();
  if (away) co_return Errc::refused;  // elsewhere, not here
  co_return Result<void>();
}

}  // namespace weir::session::upstream
