#include "main/srt_ports.h"

#include <algorithm>

#include "config/srt_servers.h"
#include "main/service.h"
#include "net/worker.h"

namespace weir::server {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view srt_name = "srt";
constexpr std::size_t wanted_udp_bytes = 1 << 20;  // for a burst of received datagrams, at least
constexpr double most_likely_bytes_per_second = 50e6 / 8;

std::string listener_name(const net::ListenAddress& address) {
  return "listener " + std::string(srt_name) + " " + net::to_text(address);
}

// What a connection needs for its latency and a second more, at a bitrate that few have; what the configuration says is
// the most.
std::size_t buffer_of(std::uint64_t most, std::chrono::milliseconds latency) {
  const double seconds = std::chrono::duration<double>(latency).count() + 1;
  const auto need = static_cast<std::uint64_t>(most_likely_bytes_per_second * seconds / 2);
  return static_cast<std::size_t>(std::min(most, need));
}

// `latency` sets both; the other two say more where they are not what they are by default.
net::SrtOptions options_of(const config::SrtServer& settings) {
  const config::SrtServer plain;
  net::SrtOptions options;
  options.receive_latency = settings.recvlatency != plain.recvlatency ? settings.recvlatency : settings.latency;
  options.send_latency = settings.peerlatency != plain.peerlatency ? settings.peerlatency : settings.latency;
  options.connect_timeout = settings.connect_timeout;
  options.peer_idle_timeout = settings.peer_idle_timeout;
  options.most_bytes_per_second = settings.maxbw;
  options.mss = settings.mss;
  options.payload_bytes = settings.payloadsize;
  const auto latency = std::max(options.receive_latency, options.send_latency);
  options.send_buffer_bytes = buffer_of(settings.sendbuf, latency);
  options.receive_buffer_bytes = buffer_of(settings.recvbuf, latency);
  options.by_timestamp = settings.tsbpdmode;
  options.drop_late = settings.tlpktdrop;
  return options;
}

bool contains(const std::vector<config::Endpoint>& list, const config::Endpoint& endpoint) {
  return std::find(list.begin(), list.end(), endpoint) != list.end();
}

std::vector<config::Endpoint> endpoints_of(const config::Config& config) {
  std::vector<config::Endpoint> all;
  for (const config::SrtServer& server : config.srt_servers) {
    if (server.enabled) all.insert(all.end(), server.listen.begin(), server.listen.end());
  }
  return all;
}

std::string described(const config::SrtServer& server) {
  const std::string name = server.name.empty() ? "" : " " + server.name;
  if (server.direction == config::SrtServer::Direction::both) return "srt" + name;
  return "srt" + name + " (" + std::string(config::to_text(server.direction)) + ")";
}

}  // namespace

SrtPorts::SrtPorts(Parts parts, std::shared_ptr<const config::Config> config)
    : parts_(parts), log_{&parts.logger, {}, {}}, config_(std::move(config)) {}

SrtPorts::~SrtPorts() {
  opened_.clear();
  places_.clear();
}

void SrtPorts::begin() {
  if (library_) return;
  library_ = std::make_unique<net::SrtLibrary>(&parts_.logger);
  const auto connections = [&gate = parts_.connections] { return gate.value(); };
  door_ = std::make_unique<session::srt::Door>(
      session::srt::Door::Parts{parts_.directory, &parts_.logger, figures_, connections}, config_);
  for (std::size_t i = 0; i < parts_.hubs.size(); ++i) {
    places_.push_back(std::make_unique<Place>(*parts_.hubs[i], parts_.connections, figures_));
    parts_.hubs[i]->worker().post(
        [line = parts_.lines[i], caller = &places_.back()->caller] { line->caller = caller; });
  }
}

bool SrtPorts::open(const config::Endpoint& endpoint, const config::SrtServer& settings) {
  const net::ListenAddress address = address_of(endpoint);
  // Kept also if the port is not: the library may be asking it just now.
  auto& entrance = entrances_.emplace_back(std::make_unique<session::srt::Entrance>(
      *door_, std::make_shared<session::srt::PortFigures>(endpoint), parts_.hubs.front()->worker()));
  auto listeners = net::SrtListener::open(address, places_.size(), options_of(settings), *entrance);
  if (!listeners) {
    log::error(log_, "cannot listen on {} (UDP) for srt: {}{}", net::to_text(address), listeners.error().message(),
               listeners.error() == boost::system::errc::address_in_use ? "; another program has this port" : "");
    return false;
  }
  const std::size_t granted = listeners->front()->granted_bytes();
  if (granted < wanted_udp_bytes && !std::exchange(told_of_small_buffers_, true)) {
    log::warn(log_,
              "the system gives a UDP socket only {} kB for received packets: SRT loses bursts. Run 'sysctl -w "
              "net.core.rmem_max=8388608'",
              granted / 1024);
  }
  figures_.add_port(entrance->share_figures());
  opened_.push_back({address, entrance.get(), std::move(*listeners)});
  return true;
}

bool SrtPorts::open() {
  if (config::asks_for_srt(*config_)) begin();
  const auto endpoints = endpoints_of(*config_);
  return std::all_of(endpoints.begin(), endpoints.end(),
                     [this](const config::Endpoint& one) { return open(one, *config::srt_server_at(*config_, one)); });
}

void SrtPorts::listen() {
  for (Open& one : std::exchange(opened_, {})) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      Place* place = places_[i].get();
      auto listener = std::make_shared<std::unique_ptr<net::SrtListener>>(std::move(one.listeners[i]));
      net::Worker& worker = place->poller.worker();
      session::srt::Entrance* entrance = one.entrance;
      worker.post([&worker, place, entrance, listener, name = listener_name(one.address)] {
        worker.spawn(name, [place, entrance, listener](net::Life&) {
          return net::srt_accept_loop(place->poller, std::move(*listener),
                                      [place, entrance](std::unique_ptr<net::SrtSocket> socket) {
                                        accept(*place, *entrance, std::move(socket));
                                      });
        });
      });
    }
    one.entrance->figures().open = true;
    const config::SrtServer* server = config::srt_server_at(*config_, one.entrance->at());
    log::info(log_, "listening on {} (UDP) for {}", net::to_text(one.address), server ? described(*server) : "srt");
  }
}

// On the worker.
void SrtPorts::accept(Place& place, session::srt::Entrance& entrance, std::unique_ptr<net::SrtSocket> socket) {
  struct Arrival {
    Arrival(session::srt::Figures& all, session::srt::Entrance& by) : figures(all), entrance(by) {
      ++figures.connections;
      ++entrance.figures().connections;
    }
    Arrival(const Arrival&) = delete;
    ~Arrival() {
      --figures.connections;
      --entrance.figures().connections;
    }
    session::srt::Figures& figures;
    session::srt::Entrance& entrance;
    std::unique_ptr<net::SrtSocket> socket;
    std::shared_ptr<const void> seat;  // among the connections that are allowed
  };
  net::Worker& worker = place.poller.worker();
  const std::shared_ptr<const config::Config> config = place.shared.hub.config();
  const auto now = std::chrono::steady_clock::now();
  entrance.arrived(socket->handle());
  auto arrival = std::make_shared<Arrival>(place.figures, entrance);
  const std::string& address = socket->peer().address;
  const auto limit = place.connections.enter(address, config->limits, now, arrival->seat);
  if (limit != auth::ConnectionGate::Limit::none) {
    if (const auto times = place.refusals.hit(now)) {
      log::warn({worker.logger(), {}, {}}, "SRT connection of {} closed: {} is reached ({} times)", address,
                auth::name_of(limit), times);
    }
    return;
  }
  arrival->socket = std::move(socket);
  worker.spawn(std::string(srt_name), [&place, arrival](net::Life& life) {
    return session::srt::serve(life, place.shared, *arrival->socket, arrival->entrance.at());
  });
}

void SrtPorts::reload(std::shared_ptr<const config::Config> config) {
  const auto before = endpoints_of(*config_), after = endpoints_of(*config);
  config_ = std::move(config);
  if (config::asks_for_srt(*config_)) begin();
  if (door_) door_->set_config(config_);
  for (const config::Endpoint& endpoint : before) {
    if (contains(after, endpoint)) continue;
    const std::string name = listener_name(address_of(endpoint));
    for (const auto& place : places_) {
      net::Worker& worker = place->poller.worker();
      worker.post([&worker, name] { worker.stop_sessions(net::Errc::stopped, false, name); });
    }
    for (const auto& entrance : entrances_) {
      if (entrance->at() == endpoint) entrance->figures().open = false;
    }
    closed_.push_back(endpoint);
    log::info(log_, "no longer listening on {} (UDP) for srt", net::to_text(address_of(endpoint)));
  }
  for (const config::Endpoint& endpoint : after) {
    if (contains(before, endpoint)) continue;
    // Connections that came by the port before would lose their packets to the new listener.
    if (contains(closed_, endpoint)) {
      log::warn(log_, "{} was closed for srt by a reload: it is opened again by a restart only",
                net::to_text(address_of(endpoint)));
      continue;
    }
    (void)open(endpoint, *config::srt_server_at(*config_, endpoint));  // logged; the others go on
  }
  listen();
}

void SrtPorts::drain() {
  if (door_) door_->close();
}

}  // namespace weir::server
