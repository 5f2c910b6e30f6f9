#include "session/rtmp/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/redact.h"
#include "base/version.h"
#include "net/worker.h"
#include "proto/stream_url.h"
#include "session/common/identity.h"
#include "session/common/protocol.h"
#include "session/rtmp/connection.h"

namespace weir::session::rtmp {

using namespace std::chrono_literals;
using base::Result;
namespace protocol = ::weir::rtmp;

namespace {

constexpr auto between_publishes = 3min;  // a connection may wait that long for its next publish or play

protocol::ServerOptions options_of(const config::Config& config, const net::Peer& peer) {
  protocol::ServerOptions options;
  options.chunk_size = config.rtmp.chunk_size;
  options.message_bytes = static_cast<std::uint32_t>(config.rtmp.max_message_bytes);
  // go-oryx's RTMP proxy. SRS believes its prefix from anybody; we, from those who are trusted to relay.
  options.proxy_prefix = config.trusts_proxy(peer.address);
  return options;
}

// What is known of a connection that has said connect; without a virtual host if there is none of its name.
hub::Request request_of(const Connection& c) {
  const auto url = proto::parse_stream_url(c.connect->tc_url, "");
  hub::Request request;
  request.vhost = url ? c.shared.hub.config()->match_vhost(url->vhost) : nullptr;
  if (!request.vhost) return request;
  request.protocol = protocols::rtmp.id;
  request.role = hub::Role::connect;
  request.app = url->app;
  request.facts.set(facts::tc_url, c.connect->tc_url);
  request.facts.set(facts::page_url, c.connect->page_url);
  request.peer = c.stream.peer();
  return request;
}

// To whoever observes connections: this one came as far as its connect command, or is over.
void tell_of(hub::Event::Kind kind, const Connection& c) {
  const hub::Request request = request_of(c);
  if (!request.vhost) return;
  c.shared.hub.events().emit({kind, c.life.id(), request, c.stream.received_bytes(), c.stream.sent_bytes()});
}

// connect: finds the virtual host, whose settings the answer carries.
net::Task<Result<void>> accept_connect(Connection& c, protocol::ConnectRequested wish) {
  c.connect = std::move(wish.request);
  if (const auto& client = c.connect->proxied_address) {
    c.stream.relayed_for({fmt::format("{}", fmt::join(*client, ".")), 0}, c.stream.local());
    log::info(c.life.log(), "relayed for ip={}", c.stream.peer().address);
  }
  log::info(c.life.log(), "connect tcUrl={}, pageUrl={}, swfUrl={}, flashVer={}",
            base::without_secrets(c.connect->tc_url), base::without_secrets(c.connect->page_url),
            base::without_secrets(c.connect->swf_url), c.connect->flash_version);
  const auto& args = c.connect->args;
  const bool is_edge = args && args->number_at("srs_pid") > 0;
  if (is_edge) {
    log::info(c.life.log(), "edge-srs ip={}, version={}, pid={}, id={}", args->text_at("srs_server_ip"),
              args->text_at("srs_version"), static_cast<std::int64_t>(args->number_at("srs_pid")),
              args->text_at("srs_id"));
  }
  const auto url = proto::parse_stream_url(c.connect->tc_url, "");
  const auto vhost = url ? c.shared.hub.config()->match_vhost(url->vhost) : nullptr;
  if (!vhost) {
    const base::ErrorCode why = url ? base::ErrorCode(hub::Errc::no_vhost) : url.error();
    c.server.reject_connect(why.message());
    CO_TRY_VOID(co_await c.flush());
    co_return why;
  }
  if (is_edge && c.shared.judge_connect) {
    const hub::Request request = request_of(c);
    if (const auto verdict = co_await c.shared.judge_connect(c.life, request); !verdict) {
      c.server.reject_connect(verdict.error().message());
      CO_TRY_VOID(co_await c.flush());
      co_return verdict.error();
    }
    c.connect_judged = true;
  }
  protocol::ServerInfo info;
  info.version = base::version;
  info.url = "https://github.com/weir-media/weir";
  info.ip = c.stream.local().address;
  info.id = c.life.id().view();
  info.pid = ::getpid();
  c.server.set_limits(vhost->chunk_size, vhost->out_ack_size, vhost->in_ack_size);
  CO_TRY_VOID(c.server.accept_connect(info));
  tell_of(hub::Event::Kind::connect, c);
  co_return co_await c.flush();
}

net::Task<Result<void>> conversation(Connection& c) {
  for (;;) {
    CO_TRY(auto event, co_await c.next_event());
    if (auto* wish = std::get_if<protocol::ConnectRequested>(&event)) {
      c.life.watchdog.arm(c.shared.hub.config()->rtmp.connect_timeout);
      CO_TRY_VOID(co_await accept_connect(c, std::move(*wish)));
    } else if (auto* to_publish = std::get_if<protocol::PublishRequested>(&event)) {
      CO_TRY_VOID(co_await publish(c, std::move(*to_publish)));
      c.acknowledges_at_once = true;
      c.life.watchdog.arm(between_publishes);
    } else if (auto* to_play = std::get_if<protocol::PlayRequested>(&event)) {
      CO_TRY_VOID(co_await play(c, std::move(*to_play)));
      c.life.watchdog.arm(between_publishes);
    }
  }
}

// Closing over unread bytes makes the kernel reset the connection, and a refusal would be lost on its way: what still
// comes is read for a moment.
net::Task<void> linger(Connection& c) {
  constexpr std::uint64_t most = 1 << 20;
  c.stream.shutdown();
  c.life.watchdog.arm(1s);
  const base::MutableBytes room{c.shared.room.data(), c.shared.room.size()};
  for (const std::uint64_t from = c.stream.received_bytes(); c.stream.received_bytes() - from < most;) {
    const auto count = c.stream.try_read(room);
    if (!count && count.error() != net::Errc::would_block) break;
    if (!count && !co_await c.stream.readable()) break;
  }
}

}  // namespace

net::Task<void> serve(net::Life& life, Shared& shared, net::ByteStream& stream) {
  log::info(life.log(), "RTMP client ip={}:{}", stream.peer().address, stream.peer().port);
  life.watchdog.arm(shared.hub.config()->rtmp.handshake_timeout);
  Connection connection{life, shared, stream, protocol::Server(options_of(*shared.hub.config(), stream.peer())),
                        nullptr};
  const auto ended = co_await conversation(connection);
  log::info(life.log(), "RTMP client ended: {}; received {} bytes, sent {} bytes",
            net::why_ended(life, ended.error()).message(), stream.received_bytes(), stream.sent_bytes());
  if (!life.stopping() && ended.error() != net::Errc::end_of_stream) co_await linger(connection);
  stream.shutdown();
  if (connection.connect) tell_of(hub::Event::Kind::close, connection);
}

}  // namespace weir::session::rtmp
