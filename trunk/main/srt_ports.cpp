#include "main/srt_ports.h"

#include <algorithm>

#include "config/srt_servers.h"
#include "net/worker.h"

namespace weir::server {

namespace {

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

}  // namespace

SrtPorts::SrtPorts(Parts parts, std::shared_ptr<const config::Config> config)
    : parts_(parts), log_{&parts.logger, {}, {}}, config_(std::move(config)) {}

SrtPorts::~SrtPorts() {
  ports_.clear();
  places_.clear();
}

void SrtPorts::begin() {
  if (library_) return;
  library_ = std::make_unique<net::SrtLibrary>(&parts_.logger);
  const auto connections = [&gate = parts_.connections] { return gate.value(); };
  door_ = std::make_unique<session::srt::Door>(
      session::srt::Door::Parts{parts_.directory, &parts_.logger, figures_, connections,
                                [this](session::srt::KeyQuestion question) { ask_key(std::move(question)); }},
      config_);
  for (std::size_t i = 0; i < parts_.hubs.size(); ++i) {
    places_.push_back(std::make_unique<SrtPlace>(*parts_.hubs[i], parts_.connections, figures_));
    parts_.hubs[i]->worker().post(
        [line = parts_.lines[i], caller = &places_.back()->caller] { line->caller = caller; });
  }
}

// On a thread of the library.
void SrtPorts::ask_key(session::srt::KeyQuestion question) {
  net::Worker& worker = parts_.hubs.front()->worker();
  worker.post([this, &worker, question = std::move(question)] {
    worker.spawn("hook srt passphrase", [this, question](net::Life& life) -> net::Task<void> {
      return [](SrtPorts* self, net::Life* session, session::srt::KeyQuestion asked) -> net::Task<void> {
        session::srt::KeyAnswer answer;
        if (self->ask_key_) answer = co_await self->ask_key_(*session, asked);
        self->door_->told(asked, answer);
      }(this, &life, question);
    });
  });
}

SrtPort& SrtPorts::port_at(const config::Endpoint& endpoint) {
  const auto known =
      std::find_if(ports_.begin(), ports_.end(), [&](const auto& port) { return port->at() == endpoint; });
  if (known != ports_.end()) return **known;
  auto& made = ports_.emplace_back(std::make_unique<SrtPort>(endpoint, *door_, places_, parts_.logger));
  figures_.add_port(made->figures());
  return *made;
}

bool SrtPorts::open() {
  if (config::asks_for_srt(*config_)) begin();
  for (const config::Endpoint& endpoint : endpoints_of(*config_)) {
    if (!port_at(endpoint).open_at_start(*config::srt_server_at(*config_, endpoint))) return false;
  }
  return true;
}

void SrtPorts::listen() {
  for (const auto& port : ports_) port->worker().post([port = port.get()] { port->listen(); });
}

void SrtPorts::reload(std::shared_ptr<const config::Config> config) {
  const auto before = endpoints_of(*config_), after = endpoints_of(*config);
  config_ = std::move(config);
  if (config::asks_for_srt(*config_)) begin();
  if (door_) door_->set_config(config_);
  for (const config::Endpoint& endpoint : before) {
    if (contains(after, endpoint)) continue;
    SrtPort& port = port_at(endpoint);
    port.worker().post([&port] { port.unwant(); });
  }
  for (const config::Endpoint& endpoint : after) {
    SrtPort& port = port_at(endpoint);
    port.worker().post([&port, server = *config::srt_server_at(*config_, endpoint)] { port.want(server); });
  }
}

void SrtPorts::drain() {
  if (door_) door_->close();
  for (const auto& port : ports_) port->worker().post([port = port.get()] { port->give_up(); });
}

}  // namespace weir::server
