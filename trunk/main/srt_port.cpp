#include "main/srt_port.h"

#include "config/srt_servers.h"
#include "main/service.h"
#include "net/worker.h"
#include "session/srt/terms.h"

namespace weir::server {

using namespace std::chrono_literals;
using base::Result;

namespace {

constexpr std::string_view srt_name = "srt";
constexpr std::size_t wanted_udp_bytes = 1 << 20;  // for a burst of received datagrams, at least
constexpr auto look_every = 100ms;
constexpr auto tries_to_open = 10s;  // libsrt has a closed port for three seconds, and some

std::string described(const config::SrtServer& server) {
  const std::string name = server.name.empty() ? "" : " " + server.name;
  if (server.direction == config::SrtServer::Direction::both) return "srt" + name;
  return "srt" + name + " (" + std::string(config::to_text(server.direction)) + ")";
}

}  // namespace

SrtPort::SrtPort(const config::Endpoint& at, session::srt::Door& door, const SrtPlaces& places, log::Logger& logger)
    : address_(address_of(at)),
      places_(places),
      log_{&logger, {}, {}},
      entrance_(door, std::make_shared<session::srt::PortFigures>(at), places.front()->poller.worker()),
      timer_([this] { look(); }) {}

Result<void> SrtPort::open() {
  TRY(listeners_, net::SrtListener::open(address_, places_.size(), session::srt::options_of(server_), entrance_));
  opened_mss_ = told_mss_ = server_.mss;
  const std::size_t granted = listeners_.front()->granted_bytes();
  if (granted < wanted_udp_bytes && opened_times_ == 0) {
    log::warn(log_,
              "the system gives a UDP socket only {} kB for received packets: SRT loses bursts. Run 'sysctl -w "
              "net.core.rmem_max=8388608'",
              granted / 1024);
  }
  return {};
}

bool SrtPort::open_at_start(const config::SrtServer& server) {
  server_ = server;
  wanted_ = true;
  const auto opened = open();
  if (opened) return true;
  log::error(log_, "cannot listen on {} (UDP) for srt: {}{}", net::to_text(address_), opened.error().message(),
             opened.error() == boost::system::errc::address_in_use ? "; another program has this port" : "");
  return false;
}

// Names of the listeners' sessions are new each time: who is told to stop may not have when the next come.
void SrtPort::listen() {
  name_ =
      "listener " + std::string(srt_name) + " " + net::to_text(address_) + " #" + std::to_string(++opened_times_) + ".";
  for (std::size_t i = 0; i < places_.size(); ++i) {
    SrtPlace* const place = places_[i].get();
    auto listener = std::make_shared<std::unique_ptr<net::SrtListener>>(std::move(listeners_[i]));
    net::Worker& worker = place->poller.worker();
    worker.post([&worker, place, entrance = &entrance_, listener, name = name_] {
      worker.spawn(name, [place, entrance, listener](net::Life&) {
        return net::srt_accept_loop(place->poller, std::move(*listener),
                                    [place, entrance](std::unique_ptr<net::SrtSocket> socket) {
                                      accept(*place, *entrance, std::move(socket));
                                    });
      });
    });
  }
  listeners_.clear();
  state_ = State::open;
  entrance_.figures().open = true;
  say_open();
}

void SrtPort::say_open() const {
  log::info(log_, "listening on {} (UDP) for {}", net::to_text(address_), described(server_));
}

void SrtPort::want(const config::SrtServer& server) {
  wanted_ = true;
  server_ = server;
  if (state_ == State::closed) {
    give_up_ = Clock::now() + tries_to_open;
    return try_to_open();
  }
  if (state_ == State::shut) {
    state_ = State::open;
    entrance_.figures().open = true;
    say_open();
  }
  if (server_.mss == told_mss_) return;
  told_mss_ = server_.mss;
  if (server_.mss == opened_mss_) return;
  log::warn(log_,
            "mss of srt_server: {} (UDP) goes on with the {} that it was opened with, as libsrt takes it then alone. "
            "A restart has it, or a reload without that port, its connections gone, and one with it",
            net::to_text(address_), opened_mss_);
}

void SrtPort::unwant() {
  wanted_ = false;
  if (state_ != State::open) return;
  state_ = State::shut;
  entrance_.figures().open = false;
  const std::uint64_t there = entrance_.figures().connections;
  log::info(log_, "no longer listening on {} (UDP) for srt{}", net::to_text(address_),
            there == 0 ? "" : "; it is kept for " + std::to_string(there) + " connections that came by it");
  look();
}

void SrtPort::give_up() {
  wanted_ = false;
  timer_.disarm();
}

void SrtPort::look() {
  if (state_ == State::shut) {
    if (entrance_.figures().connections == 0) return close();
    return look_later();
  }
  if (state_ == State::closed && wanted_) try_to_open();
}

void SrtPort::look_later() { worker().wheel().arm(timer_, look_every); }

void SrtPort::close() {
  state_ = State::closed;
  for (const auto& place : places_) {
    net::Worker& worker = place->poller.worker();
    worker.post([&worker, name = name_] { worker.stop_sessions(net::Errc::stopped, false, name); });
  }
}

void SrtPort::try_to_open() {
  const auto opened = open();
  if (opened) return listen();
  const bool in_use = opened.error() == boost::system::errc::address_in_use;
  if (in_use && Clock::now() < give_up_) return look_later();
  log::error(log_, "cannot listen on {} (UDP) for srt: {}{}; it is tried again at the next reload",
             net::to_text(address_), opened.error().message(), in_use ? "; somebody has this port" : "");
}

// On the worker of the place.
void SrtPort::accept(SrtPlace& place, session::srt::Entrance& entrance, std::unique_ptr<net::SrtSocket> socket) {
  struct Arrival {
    Arrival(session::srt::Figures& all, session::srt::Entrance& by) : figures(all), entrance(by) {
      ++figures.connections;
      ++entrance.figures().connections;
    }
    Arrival(const Arrival&) = delete;
    ~Arrival() {
      socket.reset();  // a port is closed when the last has left
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

}  // namespace weir::server
