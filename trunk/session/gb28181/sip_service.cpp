#include "session/gb28181/sip_service.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log_flood.h"
#include "base/scope_exit.h"
#include "base/text.h"
#include "net/tcp_stream.h"
#include "net/udp_sockaddr.h"
#include "net/worker.h"
#include "session/gb28181/sip_connection.h"

namespace weir::session::gb28181 {

using namespace std::chrono_literals;

namespace {

constexpr auto tick_length = 100ms;
constexpr auto first_message_limit = 30s;
constexpr auto connect_limit = 5s, name_limit = 5s;
constexpr std::size_t sip_read_bytes = 16 * 1024;

// A device whose power is cut leaves a connection that nobody closes.
void expect_life(int descriptor) {
  constexpr int on = 1, idle_seconds = 30, interval_seconds = 10, probes = 3;
  constexpr unsigned unanswered_ms = 30'000;
  (void)::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof(idle_seconds));
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof(interval_seconds));
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof(unanswered_ms));
}

// The address of ours that datagrams to there leave from; empty: a port bound so cannot reach it.
std::string source_towards(const net::UdpAddress& to, const net::UdpAddress& bound) {
  const net::SocketAddress there(to);
  const int probe = ::socket(there.get()->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return {};
  const base::ScopeExit closed([probe] { ::close(probe); });
  sockaddr_storage ours{};
  socklen_t size = sizeof(ours);
  if (::connect(probe, there.get(), there.size()) != 0 ||
      ::getsockname(probe, reinterpret_cast<sockaddr*>(&ours), &size) != 0) {
    return {};
  }
  const std::string chosen = net::ip_text(net::from_sockaddr(ours));
  const std::string own = net::ip_text(bound);
  const bool reaches_6 = own.find(':') != std::string::npos, is_6 = net::ip_text(to).find(':') != std::string::npos;
  if (is_6 != reaches_6 && (is_6 || own != "::")) return {};
  return own == "0.0.0.0" || own == "::" ? chosen : own;
}

}  // namespace

SipService::SipService(const Parts& parts, const config::StreamCaster& caster)
    : parts_(parts),
      platform_(*this, Platform::settings_of(caster)),
      timer_([this] { tick(); }),
      names_(parts.hub.worker()),
      log_{parts.hub.worker().logger(), {}, {}} {}

SipService::~SipService() = default;

void SipService::tick() {
  platform_.tick();
  if (stopping_ && platform_.left()) {
    left_.store(true, std::memory_order_release);
    return;
  }
  for (const auto& chore : chores_) chore();
  worker().wheel().arm(timer_, tick_length);
}

void SipService::listen(net::UdpSocket socket) {
  auto port = std::make_shared<net::UdpPort>(worker(), std::move(socket));
  ports_[port->local().port] = port;
  worker().spawn("listener sip " + net::to_text(port->local()), [this, port](net::Life& life) {
    return net::UdpPort::receive(life, port,
                                 [this](net::UdpPort&, const net::Datagram& datagram) { receive(datagram); });
  });
  if (!timer_.armed()) worker().wheel().arm(timer_, tick_length);
}

void SipService::receive(const net::Datagram& datagram) {
  const std::string_view text = base::as_text(datagram.bytes);
  // A line end alone keeps a NAT's way open.
  if (base::trim(text).empty()) return;
  auto message = sip::parse(text);
  if (!message) {
    platform_.bad_message();
    if (const auto times = bad_messages_.hit(now())) {
      log::warn(log_of(net::ip_text(datagram.from)), "SIP: a datagram of {} is left out: {} ({} times)",
                net::to_text(datagram.from), message.error().message(), times);
    }
    return;
  }
  platform_.input(*std::move(message), {.address = net::ip_text(datagram.from),
                                        .port = datagram.from.port,
                                        .local_address = net::ip_text(datagram.to),
                                        .local_port = datagram.to.port});
}

net::Task<void> SipService::serve(net::Life& life, net::ByteStream& stream, std::weak_ptr<Reached> reached) {
  if (!timer_.armed()) worker().wheel().arm(timer_, tick_length);
  expect_life(stream.native_handle());
  const std::uint64_t id = ++last_connection_;
  const sip::Way way{.connection = id,
                     .address = stream.peer().address,
                     .port = stream.peer().port,
                     .local_address = stream.local().address,
                     .local_port = stream.local().port};
  SipConnection connection(life, stream);
  connections_[id] = &connection;
  const base::ScopeExit left([this, id] {
    connections_.erase(id);
    platform_.connection_lost(id);
  });
  if (const auto told = reached.lock()) (*told)(way);
  sip::StreamReader reader;
  base::Buffer room(sip_read_bytes);
  life.watchdog.arm(first_message_limit);
  for (;;) {
    const auto count = co_await stream.read_some({room.data(), room.size()});
    if (!count) {
      log::debug(life.log(), "SIP connection of {} ended: {}", stream.peer().address,
                 net::why_ended(life, count.error()).message());
      co_return;
    }
    reader.input(base::as_text(room.bytes().first(*count)));
    for (;;) {
      auto message = reader.poll();
      for (std::size_t pings = reader.take_pings(); pings > 0; --pings) connection.send("\r\n");
      if (!message) {
        platform_.bad_message();
        log::warn(life.log(), "SIP connection of {} is closed: {}", stream.peer().address, message.error().message());
        co_return;
      }
      if (!*message) break;
      // From now on the platform knows whether the device is alive.
      life.watchdog.disarm();
      platform_.input(**std::move(message), way);
    }
  }
}

void SipService::reach(const std::string& host, std::uint16_t port, bool by_tcp, std::weak_ptr<Reached> then) {
  worker().spawn("sip", [this, host, port, by_tcp, then = std::move(then)](net::Life& life) {
    life.comes_from(host);
    return find_way(life, host, port, by_tcp, then);
  });
}

net::Task<void> SipService::find_way(net::Life& life, std::string host, std::uint16_t port, bool by_tcp,
                                     std::weak_ptr<Reached> then) {
  const net::Names::Addresses found = co_await names_.find(host, name_limit);
  if (life.stopping()) co_return;
  std::optional<sip::Way> way;
  for (net::UdpAddress to : found) {
    to.port = port;
    if (!by_tcp) {
      way = datagram_way(to);
      if (way) break;
      continue;
    }
    auto stream = co_await net::connect(worker(), net::ip_text(to), port, connect_limit);
    if (stream) co_return co_await serve(life, **stream, std::move(then));
    if (life.stopping()) co_return;
  }
  if (const auto told = then.lock()) (*told)(way);
}

// Over a port of ours that reaches there.
std::optional<sip::Way> SipService::datagram_way(const net::UdpAddress& to) const {
  for (const auto& [number, one] : ports_) {
    const auto from = source_towards(to, one->local());
    if (from.empty()) continue;
    return sip::Way{.address = net::ip_text(to), .port = to.port, .local_address = from, .local_port = number};
  }
  return std::nullopt;
}

void SipService::let_go(std::uint64_t connection) {
  if (const auto found = connections_.find(connection); found != connections_.end()) found->second->close();
}

bool SipService::available(const hub::Request& request) const {
  return parts_.hub.directory().live(request.key()) || parts_.hub.demand().can_start(request);
}

void SipService::send(const sip::Outgoing& message) {
  if (message.way.reliable()) {
    if (const auto found = connections_.find(message.way.connection); found != connections_.end()) {
      found->second->send(message.bytes);
    }
    return;
  }
  const auto port = ports_.find(message.way.local_port);
  const auto to = net::udp_address(message.way.address, message.way.port);
  const auto from = net::udp_address(message.way.local_address, message.way.local_port);
  if (port == ports_.end() || !to || !from) return;
  port->second->send(*to, *from, base::as_bytes(message.bytes));
}

std::optional<hub::Request> SipService::request_of(const std::string& vhost, const std::string& app,
                                                   const std::string& stream) {
  hub::Request request;
  request.vhost = parts_.hub.config()->match_vhost(vhost);
  if (!request.vhost) return std::nullopt;
  request.role = hub::Role::publish;
  request.origin = hub::Origin::pull;
  request.app = app;
  request.stream = stream;
  return request;
}

log::Context SipService::log_of(std::string_view address) const {
  log::Context who = log_;
  who.origin = log::origin_of(address);
  return who;
}

void SipService::tell(const DeviceEvent& event) {
  const Device& device = event.device;
  const log::Context who = log_of(device.source.address);
  switch (event.kind) {
    case DeviceEvent::Kind::online:
      log::info(who, "GB28181 device {} is online: {} {}", device.id, device.source.reliable() ? "TCP" : "UDP",
                device.source.peer());
      break;
    case DeviceEvent::Kind::offline:
      log::info(who, "GB28181 device {} is offline: {}", device.id, event.reason);
      break;
    case DeviceEvent::Kind::alarm:
      log::info(who, "GB28181 device {}: alarm of {}, priority {}, method {}", device.id, event.channel,
                base::printable(event.alarm->priority, 16), base::printable(event.alarm->method, 16));
      break;
    case DeviceEvent::Kind::position:
      log::debug(who, "GB28181 device {}: position of {}", device.id, event.channel);
      break;
    case DeviceEvent::Kind::talk:
      log::info(who, "GB28181 device {}: sound goes to {}", device.id, event.channel);
      break;
    case DeviceEvent::Kind::talk_over:
      log::info(who, "GB28181 device {}: sound to {} is over: {}", device.id, event.channel, event.reason);
      break;
  }
  for (const auto& observer : observers_) observer(event);
}

void SipService::want(const hub::Request& request, const StreamNames::Place& place, base::WorkerIndex starter) {
  const auto ours = request_of(request.vhost->name, request.app, request.stream);
  wanted_[request.key()] = {starter, request.peer.address};
  if (!ours) return cannot_start(request.key(), SignalErrc::bad_request);
  platform_.want(*ours, place);
}

void SipService::unwant(const base::StreamKey& key) {
  wanted_.erase(key);
  platform_.unwant(key);
}

void SipService::cannot_start(const base::StreamKey& key, base::ErrorCode why) {
  const auto found = wanted_.find(key);
  if (found == wanted_.end()) return;
  hub::Hub* const starter = parts_.peers[static_cast<std::size_t>(found->second.starter)];
  const log::Context who = log_of(found->second.player);
  wanted_.erase(found);
  log::info(who, "GB28181 stream {} cannot be had: {}", key.display(), why.message());
  starter->worker().post([starter, key, why] { starter->cannot_start(key, why); });
}

void SipService::stop() {
  stopping_ = true;
  platform_.stop();
  timer_.disarm();
  tick();
}

}  // namespace weir::session::gb28181
