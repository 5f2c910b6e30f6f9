#include "session/srt/terms.h"

#include <algorithm>

namespace weir::session::srt {

using namespace std::chrono_literals;

namespace {

constexpr double most_likely_bytes_per_second = 50e6 / 8;

// What a connection needs for its latency and a second more, at a bitrate that few have; what the configuration says is
// the most.
std::size_t buffer_of(std::uint64_t most, std::chrono::milliseconds latency) {
  const double seconds = std::chrono::duration<double>(latency).count() + 1;
  const auto need = static_cast<std::uint64_t>(most_likely_bytes_per_second * seconds / 2);
  return static_cast<std::size_t>(std::min(most, need));
}

}  // namespace

// `latency` sets both; the other two say more where they are not what they are by default.
net::SrtOptions options_of(const config::SrtServer& server) {
  const config::SrtServer plain;
  net::SrtOptions options;
  options.receive_latency = server.recvlatency != plain.recvlatency ? server.recvlatency : server.latency;
  options.send_latency = server.peerlatency != plain.peerlatency ? server.peerlatency : server.latency;
  options.connect_timeout = server.connect_timeout;
  options.peer_idle_timeout = server.peer_idle_timeout;
  options.most_bytes_per_second = server.maxbw;
  options.mss = server.mss;
  options.payload_bytes = server.payloadsize;
  const auto latency = std::max(options.receive_latency, options.send_latency);
  options.send_buffer_bytes = buffer_of(server.sendbuf, latency);
  options.receive_buffer_bytes = buffer_of(server.recvbuf, latency);
  options.by_timestamp = server.tsbpdmode;
  options.drop_late = server.tlpktdrop;
  options.resend_each_time = server.retransmitalgo == 0;
  return options;
}

}  // namespace weir::session::srt
