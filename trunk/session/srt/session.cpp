#include "session/srt/session.h"

#include "base/redact.h"
#include "base/text.h"
#include "config/srt_servers.h"
#include "net/notifier.h"
#include "net/worker.h"
#include "session/common/srt_connection.h"
#include "session/srt/connection.h"
#include "session/srt/error.h"

namespace weir::session::srt {

using namespace std::chrono_literals;

namespace {

constexpr auto shortest_life = 200ms;

// To whoever observes connections: this one is known, or is over.
void tell_of(hub::Event::Kind kind, const Connection& c, hub::Request request) {
  request.role = hub::Role::connect;
  request.stream.clear();
  c.shared.hub.events().emit(
      {kind, c.life.id(), request, c.socket.meter().received_bytes, c.socket.meter().sent_bytes});
}

void introduce(const Connection& c) {
  const net::SrtSocket& socket = c.socket;
  log::info(c.life.log(), "SRT client ip={}:{}, streamid={}, version {}, {}", socket.peer().address, socket.peer().port,
            base::printable(base::stream_id_shown(socket.stream_id())), socket.peer_version(), srt_terms(socket));
  look_at_latency(c.life.log(), socket);
}

// Callers that block while they connect miss an end that comes in the middle of it, and sit there for their peer idle
// timeout. Whoever is refused is kept until its connection is through.
net::Task<void> outlive_handshake(Connection& c, std::chrono::steady_clock::time_point since) {
  const auto left = since + shortest_life - std::chrono::steady_clock::now();
  if (c.socket.over() || left <= 0ms) co_return;
  net::Notifier done(c.life.worker().io());
  net::TimerWheel::Timer timer([&] { done.notify(); });
  c.life.watchdog.disarm();
  c.life.worker().wheel().arm(timer, std::chrono::duration_cast<std::chrono::milliseconds>(left));
  (void)co_await done.wait();
}

void farewell(const Connection& c, const base::ErrorCode& why) {
  c.socket.close();
  const net::TransportFigures& f = c.socket.figures();
  log::info(
      c.life.log(),
      "SRT client ended: {}; received {} bytes ({} packets lost, {} came too late, {} undecrypted), sent {} bytes "
      "({} packets lost, {} sent again, {} too late to be sent)",
      why.message(), c.socket.meter().received_bytes, f.receive_lost, f.receive_dropped, f.undecrypted,
      c.socket.meter().sent_bytes, f.send_lost, f.retransmitted, f.send_dropped);
}

}  // namespace

net::Task<void> serve(net::Life& life, Shared& shared, net::SrtSocket& socket, const config::Endpoint& at) {
  const auto since = std::chrono::steady_clock::now();
  Connection c{life, shared, socket};
  life.comes_from(socket.peer().address);
  introduce(c);
  // Told by the door already, unless the configuration changed on the way.
  const std::shared_ptr<const config::Config> config = shared.hub.config();
  const config::SrtServer* server = config::srt_server_at(*config, at);
  auto wish = server ? wish_of(socket.stream_id(), socket.peer(), *config, *server) : base::Result<Wish>(Errc::closed);
  if (!wish) {
    log::warn(life.log(), "SRT client refused: {}", wish.error().message());
    co_await outlive_handshake(c, since);
    co_return socket.close();
  }
  const hub::Request request = wish->request;
  tell_of(hub::Event::Kind::connect, c, request);
  const bool publishes = wish->action == hub::Action::publish;
  log::info(life.log(), "client identified, type=srt-{}, vhost={}, app={}, stream={}, param={}",
            publishes ? "publish" : "play", request.vhost->name, request.app, request.stream,
            base::without_secrets(request.param));
  base::ErrorCode why;
  if (publishes) {
    why = co_await publish(c, std::move(wish->request));
  } else {
    why = co_await play(c, std::move(wish->request));
  }
  co_await outlive_handshake(c, since);
  farewell(c, net::why_ended(life, why));
  tell_of(hub::Event::Kind::close, c, request);
}

}  // namespace weir::session::srt
