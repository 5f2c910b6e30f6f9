#include "main/sip_ports.h"

#include <thread>

#include "app/events/devices.h"
#include "main/service.h"
#include "net/worker.h"
#include "session/gb28181/media_service.h"

namespace weir::server {

namespace gb28181 = session::gb28181;

namespace {

using namespace std::chrono_literals;
constexpr std::string_view sip_name = "sip";
constexpr auto leave_limit = 1s;

}  // namespace

SipPorts::SipPorts(const Parts& parts, const config::Config& config) : parts_(parts), log_{&parts.logger, {}, {}} {
  const config::StreamCaster* const caster = gb28181::caster_of(config);
  if (!caster || !caster->sip.enabled) return;
  endpoints_ = caster->sip.listen;
  Shard& home = *parts_.shards.front();
  sender_ = std::make_unique<gb28181::MediaSender>(home.hub(), parts.media);
  service_ = std::make_unique<gb28181::SipService>(
      gb28181::SipService::Parts{
          .hub = home.hub(), .desk = home.gb_media(), .sending = *sender_, .peers = parts_.peers},
      *caster);
  service_->observe([&board = parts_.events](const gb28181::DeviceEvent& event) { events::tell_device(board, event); });
  if (!caster->sip.devices_file.empty()) {
    store_ = std::make_unique<devices::Store>(caster->sip.devices_file, parts_.files, log_);
    store_->restore(service_->platform());
    service_->each_tick([this] { store_->tick(service_->platform(), service_->now()); });
  }
  for (const auto& shard : parts_.shards) {
    starters_.push_back(std::make_unique<gb28181::DeviceStarter>(shard->hub(), *service_));
  }
}

SipPorts::~SipPorts() {
  if (store_) store_->finish(service_->platform());
}

bool SipPorts::open() {
  if (!service_) return true;
  for (const config::Endpoint& endpoint : endpoints_) {
    const net::ListenAddress address = address_of(endpoint);
    auto udp = net::UdpSocket::open(address, 1);
    auto tcp = net::ListenSocket::open(address, 1);
    if (!udp || !tcp) {
      const base::ErrorCode why = udp ? tcp.error() : udp.error();
      log::error(log_, "cannot listen on {}{} for SIP: {}{}", udp ? "" : "UDP ", net::to_text(address), why.message(),
                 why == boost::system::errc::address_in_use ? "; another program has this port" : "");
      return false;
    }
    udp_.push_back(std::move(udp->front()));
    tcp_.push_back({address, std::move(tcp->front())});
  }
  return true;
}

void SipPorts::listen() {
  if (!service_) return;
  net::Worker& worker = service_->worker();
  for (net::UdpSocket& one : std::exchange(udp_, {})) {
    worker.post([this, socket = std::move(one)]() mutable { service_->listen(std::move(socket)); });
  }
  for (Tcp& one : std::exchange(tcp_, {})) {
    const std::string name = "listener " + std::string(sip_name) + " " + net::to_text(one.address);
    auto socket = std::make_shared<net::ListenSocket>(std::move(one.socket));
    worker.post([this, &worker, name, socket] {
      worker.spawn(name, [this, socket](net::Life& life) {
        return net::accept_loop(life, std::move(*socket),
                                [this](std::unique_ptr<net::ByteStream> stream) { accept(std::move(stream)); });
      });
    });
    log::info(log_, "listening on {} (UDP and TCP) for SIP of GB28181", net::to_text(one.address));
  }
}

// On the worker.
void SipPorts::accept(std::unique_ptr<net::ByteStream> stream) {
  struct Arrival {
    std::unique_ptr<net::ByteStream> stream;
    std::shared_ptr<const void> seat;  // among the connections that are allowed
  };
  auto arrival = std::make_shared<Arrival>();
  const auto now = std::chrono::steady_clock::now();
  const config::Limits& limits = parts_.shards.front()->hub().config()->limits;
  const auto limit = parts_.connections.enter(stream->peer().address, limits, now, arrival->seat);
  if (limit != auth::ConnectionGate::Limit::none) {
    if (const auto times = refusals_.hit(now)) {
      log::warn(log_, "SIP connection of {} refused: {} is reached ({} times)", stream->peer().address,
                auth::name_of(limit), times);
    }
    return;
  }
  arrival->stream = std::move(stream);
  service_->worker().spawn(std::string(sip_name), [this, arrival](net::Life& life) {
    life.comes_from(arrival->stream->peer().address);
    return service_->serve(life, *arrival->stream);
  });
}

void SipPorts::stop() {
  if (!service_) return;
  service_->worker().post([this] { service_->stop(); });
  // One that asks for the password first is answered.
  const auto until = std::chrono::steady_clock::now() + leave_limit;
  while (!service_->left() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(5ms);
}

}  // namespace weir::server
