#include "session/webrtc/service.h"

#include <utility>

#include "net/worker.h"
#include "proto/ice/lite_agent.h"
#include "session/webrtc/session.h"

namespace weir::session::webrtc {

using base::Bytes;

namespace {

constexpr std::size_t most_addresses = ice::LiteAgent::most_paths;  // of one session

std::string listener_name(const net::ListenAddress& address) { return "listener rtc " + net::to_text(address); }

void add(net::UdpPort::Counts& sum, const net::UdpPort::Counts& counts) {
  sum.received += counts.received;
  sum.received_bytes += counts.received_bytes;
  sum.sent += counts.sent;
  sum.sent_bytes += counts.sent_bytes;
  sum.send_calls += counts.send_calls;
  sum.send_drops += counts.send_drops;
  sum.receive_drops += counts.receive_drops;
}

}  // namespace

Service::Service(hub::Hub& hub, Shared& shared, Doors doors) : hub_(hub), shared_(shared), doors_(std::move(doors)) {
  hub_.worker().every_tick([this] { tick(); });
}

Service::~Service() = default;

void Service::listen(ListenerIndex index, const net::ListenAddress& address, net::UdpSocket socket) {
  auto port = std::make_shared<net::UdpPort>(hub_.worker(), std::move(socket));
  listeners_.push_back({index, port});
  hub_.worker().spawn(listener_name(address), [this, index, port](net::Life& life) -> net::Task<void> {
    co_await net::UdpPort::receive(
        life, port, [this, index](net::UdpPort&, const net::Datagram& datagram) { receive(index, datagram); });
  });
}

void Service::retire(ListenerIndex index) {
  for (Listener& one : listeners_) one.retired = one.retired || one.index == index;
}

// A retired port goes when no session sends over it any more.
void Service::tick() {
  tell_figures();
  look_at_load();
  std::erase_if(listeners_, [this](const Listener& one) {
    if (!one.retired) return false;
    for (const auto& [number, home] : sessions_) {
      const auto& way = home.session->transport().selected();
      if (way && way->listener == one.index) return false;
    }
    add(ports_gone_, one.port->counts());
    const auto& at = one.port->local();
    const bool any = at.bytes == net::UdpAddress().bytes;
    hub_.worker().stop_sessions(net::Errc::stopped, false,
                                listener_name({any && !at.v6 ? std::string() : net::ip_text(at), at.port}));
    return true;
  });
}

std::vector<net::UdpAddress> Service::ports() const {
  std::vector<net::UdpAddress> out;
  for (const Listener& one : listeners_) {
    if (!one.retired) out.push_back(one.port->local());
  }
  return out;
}

std::vector<net::UdpAddress> Service::offered_udp() const {
  using Protocol = config::RtcServer::Protocol;
  const bool tcp_alone = hub_.config()->rtc_server.protocol == Protocol::tcp && !shared_.tcp_ports.empty();
  return tcp_alone ? std::vector<net::UdpAddress>() : ports();
}

std::vector<net::UdpAddress> Service::offered_tcp() const {
  using Protocol = config::RtcServer::Protocol;
  return hub_.config()->rtc_server.protocol == Protocol::udp ? std::vector<net::UdpAddress>() : shared_.tcp_ports;
}

void Service::enter(SessionNumber number, const base::SessionId& id, Session& session) {
  Home& home = sessions_[number];
  home.session = &session;
  home.id = id;
  by_id_[id] = &session;
  ++counts_.sessions;
}

void Service::leave(SessionNumber number) {
  const auto found = sessions_.find(number);
  if (found == sessions_.end()) return;
  const Home home = std::move(found->second);
  sessions_.erase(found);
  by_id_.erase(home.id);
  for (const ListenerIndex index : home.tcp) tcp_.at(index).life->stop(net::Errc::stopped);
  for (const Learnt& one : home.addresses) forget_at(one, number);
}

void Service::forget_at(const Learnt& learnt, SessionNumber number) {
  if (learnt.second == hub_.worker().index()) return forget(learnt.first, number);
  Service* const other = &peer(learnt.second);
  other->hub_.worker().post([other, address = learnt.first, number] { other->forget(address, number); });
}

void Service::forget(const net::UdpAddress& address, SessionNumber number) {
  const auto found = addresses_.find(address);
  if (found != addresses_.end() && found->second.number == number) addresses_.erase(found);
}

Session* Service::find(SessionNumber number) const {
  const auto found = sessions_.find(number);
  return found == sessions_.end() ? nullptr : found->second.session;
}

std::optional<Report> Service::report(const base::SessionId& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second->report();
}

bool Service::with_session(std::string_view secret, std::function<void(Session*)> work) {
  const auto place = shared_.table.by_secret(secret);
  if (!place) return false;
  Service* const home = &peer(place->worker);
  home->hub_.worker().post([home, number = place->number, work = std::move(work)] { work(home->find(number)); });
  return true;
}

// A check says itself whose it is; a socket may have been another session's before. All else goes by its address.
std::optional<Service::Owner> Service::owner_of(Bytes datagram, const net::UdpAddress& from) const {
  if (stun::looks_like_stun(datagram)) {
    const auto message = stun::parse(datagram);
    if (!message) return std::nullopt;
    if (const auto name = ice::split_username(message->username)) {
      const auto place = shared_.table.by_ufrag(name->local);
      if (!place) return std::nullopt;
      return Owner{place->worker, place->number,
                   place->worker == hub_.worker().index() ? find(place->number) : nullptr};
    }
  }
  const auto found = addresses_.find(from);
  if (found != addresses_.end()) return found->second;
  const auto place = first_checks_.find(from);
  return place ? std::optional(Owner{place->worker, place->number, nullptr}) : std::nullopt;
}

void Service::receive(ListenerIndex index, const net::Datagram& datagram) {
  const auto owner = owner_of(datagram.bytes, datagram.from);
  if (!owner) {
    if (stun::looks_like_stun(datagram.bytes)) {
      if (const auto answer = stun_.answer(datagram.bytes, datagram.from, datagram.arrived)) {
        ++counts_.stun_answers;
        return send({datagram.from, datagram.to, index}, *answer, answer->size());
      }
    }
    ++counts_.strangers;
    return;
  }
  const Way way{datagram.from, datagram.to, index};
  if (owner->worker != hub_.worker().index()) {
    if (stun::looks_like_stun(datagram.bytes)) first_checks_.note(datagram.from, {owner->worker, owner->number});
    return forward(*owner, way, datagram);
  }
  if (!owner->session) {
    ++counts_.strangers;
    return;
  }
  deliver(owner->number, *owner->session, datagram.bytes, way, hub_.worker().index(), datagram.arrived);
}

void Service::deliver(SessionNumber number, Session& session, base::MutableBytes bytes, const Way& way,
                      base::WorkerIndex came_to, base::Instant arrived) {
  if (!session.input(bytes, way, arrived)) return;
  const auto home = sessions_.find(number);  // unless it ended just now
  if (home != sessions_.end()) learn(home->second, number, way.remote, came_to);
}

// The peer has proved that the address is its own.
void Service::learn(Home& home, SessionNumber number, const net::UdpAddress& address, base::WorkerIndex came_to) {
  const Learnt known(address, came_to);
  const bool here = came_to == hub_.worker().index();
  const bool listed = std::find(home.addresses.begin(), home.addresses.end(), known) != home.addresses.end();
  if (listed && !here) return;
  const Owner owner{hub_.worker().index(), number, here ? home.session : nullptr};
  if (!listed) {
    if (home.addresses.size() == most_addresses) {
      forget_at(home.addresses.front(), number);
      home.addresses.erase(home.addresses.begin());
    }
    home.addresses.push_back(known);
  }
  if (here) {
    addresses_[address] = owner;
    return;
  }
  Service* const other = &peer(came_to);
  other->hub_.worker().post([other, address, owner] { other->addresses_[address] = owner; });
}

void Service::forward(const Owner& owner, const Way& way, const net::Datagram& datagram) {
  Service* const home = &peer(owner.worker);
  if (home->boxed_.fetch_add(1, std::memory_order_relaxed) >= most_forwarded) {
    home->boxed_.fetch_sub(1, std::memory_order_relaxed);
    ++counts_.forward_drops;
    return;
  }
  ++counts_.forwarded;
  Forwarded one{owner.number, hub_.worker().index(), way, base::SharedBytes::copy_of(datagram.bytes), datagram.arrived};
  if (home->box_.put(std::move(one))) home->hub_.worker().post([home] { home->drain(); });
}

void Service::drain() {
  std::size_t left = 256;
  const bool more = box_.take([&](Forwarded&& one) {
    boxed_.fetch_sub(1, std::memory_order_relaxed);
    if (Session* const session = find(one.number)) {
      // The copy is this message's alone, so it may be decrypted where it stands.
      const base::MutableBytes bytes(const_cast<std::uint8_t*>(one.bytes.data()), one.bytes.size());
      deliver(one.number, *session, bytes, one.way, one.from, one.arrived);
    }
    return --left > 0;
  });
  if (more) hub_.worker().post([this] { drain(); });
}

bool Service::enter_tcp(SessionNumber number, TcpLink& link, net::Life& life) {
  const auto home = sessions_.find(number);
  if (home == sessions_.end() || home->second.tcp.size() == most_addresses) return false;
  home->second.tcp.push_back(link.way().listener);
  tcp_[link.way().listener] = {number, &link, &life};
  return true;
}

void Service::leave_tcp(const TcpLink& link) {
  const auto found = tcp_.find(link.way().listener);
  if (found == tcp_.end()) return;
  const auto home = sessions_.find(found->second.number);
  if (home != sessions_.end()) std::erase(home->second.tcp, link.way().listener);
  tcp_.erase(found);
  ports_gone_.sent += link.sent();
  ports_gone_.send_drops += link.drops();
}

void Service::send(const Way& way, Bytes packets, std::size_t segment) {
  if (is_tcp(way.listener)) {
    const auto found = tcp_.find(way.listener);
    if (found != tcp_.end()) found->second.link->send(packets, segment);
    return;
  }
  for (const Listener& one : listeners_) {
    if (one.index == way.listener) return one.port->send(way.remote, way.local, packets, segment);
  }
}

net::UdpPort::Counts Service::port_counts() const {
  net::UdpPort::Counts sum = ports_gone_;
  for (const Listener& one : listeners_) add(sum, one.port->counts());
  return sum;
}

void Service::look_at_load() {
  constexpr unsigned ticks_of_a_second = 4;
  busy_ += hub_.worker().busy() / ticks_of_a_second;
  if (++ticks_ % ticks_of_a_second != 0) return;
  const double percent = std::exchange(busy_, 0) * 100;
  const auto before = static_cast<std::size_t>(breaker_.level());
  if (!breaker_.sample(hub_.config()->circuit_breaker, percent)) return;
  const auto level = static_cast<std::size_t>(breaker_.level());
  Figures& figures = shared_.figures;
  if (before > 0) --figures.breaker_workers[before];
  if (level > 0) ++figures.breaker_workers[level];
  if (level > before) ++figures.breaker_trips[level];
  if (sessions_.empty()) return;
  const log::Context log{hub_.worker().logger(), {}, {}};
  const auto number = static_cast<std::size_t>(hub_.worker().index());
  if (breaker_.level() == Breaker::Level::normal) {
    log::info(log, "worker {} computes {:.0f} % of its time: WebRTC repairs losses again", number, percent);
    return;
  }
  log::warn(log, "worker {} computes {:.0f} % of its time: WebRTC {} (circuit_breaker)", number, percent,
            breaker_.gives_feedback() ? "repairs no losses for a while"
                                      : "repairs no losses and gives publishers no feedback for a while");
}

void Service::tell_figures() {
  Figures& figures = shared_.figures;
  const net::UdpPort::Counts ports = port_counts();
  const auto tell = [](std::atomic<std::uint64_t>& figure, std::uint64_t now, std::uint64_t before) {
    if (now != before) figure.fetch_add(now - before, std::memory_order_relaxed);
  };
  tell(figures.received, ports.received, ports_told_.received);
  tell(figures.sent, ports.sent, ports_told_.sent);
  tell(figures.receive_drops, ports.receive_drops, ports_told_.receive_drops);
  tell(figures.send_drops, ports.send_drops, ports_told_.send_drops);
  tell(figures.strangers, counts_.strangers, told_.strangers);
  tell(figures.stun_answers, counts_.stun_answers, told_.stun_answers);
  tell(figures.forwarded, counts_.forwarded, told_.forwarded);
  tell(figures.forward_drops, counts_.forward_drops, told_.forward_drops);
  ports_told_ = ports;
  told_ = counts_;
}

}  // namespace weir::session::webrtc
