#include "main/rtc_ports.h"

#include <algorithm>

#include "config/load.h"
#include "main/service.h"

namespace weir::server {

namespace webrtc = session::webrtc;

bool RtcPorts::open(const config::Config& config, webrtc::Shared& shared) {
  std::vector<config::Endpoint> wanted;
  if (config.rtc_server.enabled) wanted = config.rtc_server.listen;
  if (!wanted.empty() && !shared.identity && !identify(config.rtc_server, shared)) return false;
  const auto is_wanted = [&](const Port& port) {
    return std::find(wanted.begin(), wanted.end(), port.endpoint) != wanted.end();
  };
  for (const Port& port : ports_) {
    if (!is_wanted(port)) retire(port);
  }
  std::erase_if(ports_, [&](const Port& port) { return !is_wanted(port); });
  bool good = true;
  for (const config::Endpoint& endpoint : wanted) {
    const bool is_open =
        std::any_of(ports_.begin(), ports_.end(), [&](const Port& port) { return port.endpoint == endpoint; });
    if (!is_open) good = open_one(endpoint) && good;
  }
  return good;
}

bool RtcPorts::identify(const config::RtcServer& settings, webrtc::Shared& shared) {
  if (settings.cert.empty()) {
    const auto key = settings.ecdsa ? dtls::Identity::Key::ecdsa_p256 : dtls::Identity::Key::rsa_2048;
    auto made = dtls::Identity::make(std::chrono::system_clock::now(), key);
    if (!made) {
      log::error(log_, "cannot make a certificate for WebRTC: {}", made.error().message());
      return false;
    }
    shared.identity = std::move(*made);
  } else {
    std::string texts[2];
    for (const auto& [text, path] : {std::pair(&texts[0], &settings.cert), std::pair(&texts[1], &settings.key)}) {
      auto read = config::read_regular_file(*path);
      if (!read) {
        log::error(log_, "cannot read {} for WebRTC: {}", *path, read.error().message());
        return false;
      }
      *text = std::move(*read);
    }
    std::string reason;
    auto made = dtls::Identity::read(texts[0], texts[1], reason);
    if (!made) {
      log::error(log_, "cannot use {} with {} for WebRTC: {}", settings.cert, settings.key, reason);
      return false;
    }
    shared.identity = std::move(*made);
  }
  log::info(log_, "WebRTC certificate: {}, {}, sha-256 {}", shared.identity->key_kind(),
            settings.cert.empty() ? "made now" : settings.cert, shared.identity->fingerprint());
  return true;
}

bool RtcPorts::open_one(const config::Endpoint& endpoint) {
  const net::ListenAddress address = address_of(endpoint);
  auto sockets = net::UdpSocket::open(address, shards_.size());
  if (!sockets) {
    log::error(log_, "cannot listen on UDP {} for WebRTC: {}{}", net::to_text(address), sockets.error().message(),
               sockets.error() == boost::system::errc::address_in_use ? "; another program has this port" : "");
    return false;
  }
  const webrtc::ListenerIndex index{opened_++};
  ports_.push_back({endpoint, index});
  const std::size_t received = sockets->front().receive_buffer(), sent = sockets->front().send_buffer();
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto socket = std::make_shared<net::UdpSocket>(std::move((*sockets)[i]));
    shards_[i]->worker().post([shard = shards_[i].get(), index, address, socket] {
      shard->rtc().listen(index, address, std::move(*socket));
    });
  }
  log::info(log_, "listening on UDP {} for WebRTC, buffers of {} KB for receiving and {} KB for sending{}",
            net::to_text(address), received / 1024, sent / 1024,
            received < net::UdpSocket::buffer_asked
                ? "; a higher sysctl net.core.rmem_max and wmem_max would lose less under load"
                : "");
  return true;
}

void RtcPorts::retire(const Port& port) {
  for (const auto& shard : shards_) {
    shard->worker().post([one = shard.get(), index = port.index] { one->rtc().retire(index); });
  }
  log::info(log_, "no longer listening on UDP {} for new WebRTC sessions", net::to_text(address_of(port.endpoint)));
}

}  // namespace weir::server
