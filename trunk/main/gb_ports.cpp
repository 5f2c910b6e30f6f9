#include "main/gb_ports.h"

#include "main/service.h"
#include "session/common/protocol.h"
#include "session/gb28181/media_service.h"

namespace weir::server {

namespace gb28181 = session::gb28181;

namespace {

// Those who accept are closed for a graceful quit; what comes by UDP goes on.
std::string session_name(const config::Endpoint& endpoint, bool tcp) {
  return (tcp ? "listener " + std::string(session::protocols::gb28181.name) : std::string(gb28181::media_port_name)) +
         " " + net::to_text(address_of(endpoint));
}

}  // namespace

bool GbPorts::open(const config::Config& config) {
  std::optional<config::Endpoint> tcp, udp;
  const config::StreamCaster* const caster = gb28181::caster_of(config);
  if (caster && caster->media_ports.empty() && !caster->listen.empty()) {
    tcp = caster->listen.front();
    if (caster->transport == config::StreamCaster::Transport::udp) udp = tcp;
  }
  if (tcp_ != tcp) close(tcp_, true);
  if (udp_ != udp) close(udp_, false);
  bool good = true;
  if (tcp && !tcp_) good = open_tcp(*tcp);
  if (udp && !udp_) good = open_udp(*udp) && good;
  return good;
}

bool GbPorts::open_tcp(const config::Endpoint& endpoint) {
  const net::ListenAddress address = address_of(endpoint);
  auto sockets = net::ListenSocket::open(address, shards_.size());
  if (!sockets) {
    log::error(log_, "cannot listen on {} for gb28181: {}{}", net::to_text(address), sockets.error().message(),
               sockets.error() == boost::system::errc::address_in_use ? "; another program has this port" : "");
    return false;
  }
  shared_.tcp_port = sockets->front().port();
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    shards_[i]->worker().post(
        [shard = shards_[i].get(), name = session_name(endpoint, true), socket = std::move((*sockets)[i])]() mutable {
          shard->gb_media().listen(name, std::move(socket));
        });
  }
  log::info(log_, "listening on {} for gb28181", net::to_text(address));
  tcp_ = endpoint;
  return true;
}

bool GbPorts::open_udp(const config::Endpoint& endpoint) {
  const net::ListenAddress address = address_of(endpoint);
  auto sockets = net::UdpSocket::open(address, 1);
  if (!sockets) {
    log::error(log_, "cannot listen on UDP {} for gb28181: {}{}", net::to_text(address), sockets.error().message(),
               sockets.error() == boost::system::errc::address_in_use ? "; another program has this port" : "");
    return false;
  }
  shared_.udp_port = sockets->front().local().port;
  shards_.front()->worker().post(
      [shard = shards_.front().get(), name = session_name(endpoint, false),
       socket = std::move(sockets->front())]() mutable { shard->gb_media().receive(name, std::move(socket)); });
  log::info(log_, "listening on UDP {} for gb28181", net::to_text(address));
  udp_ = endpoint;
  return true;
}

void GbPorts::close(std::optional<config::Endpoint>& endpoint, bool tcp) {
  if (!endpoint) return;
  (tcp ? shared_.tcp_port : shared_.udp_port) = 0;
  for (const auto& shard : shards_) {
    shard->worker().post([one = shard.get(), name = session_name(*endpoint, tcp)] {
      one->worker().stop_sessions(net::Errc::stopped, false, name);
    });
  }
  log::info(log_, "no longer listening on {}{} for gb28181", tcp ? "" : "UDP ", net::to_text(address_of(*endpoint)));
  endpoint.reset();
}

}  // namespace weir::server
