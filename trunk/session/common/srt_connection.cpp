#include "session/common/srt_connection.h"

#include <fmt/format.h>

namespace weir::session {

using namespace std::chrono_literals;

namespace {

// Encoders write the latency in microseconds where we and libsrt have milliseconds, and the other way round.
constexpr std::chrono::milliseconds least_likely_latency = 20ms, most_likely_latency = 10s;

}  // namespace

hub::Link srt_link(const net::SrtSocket& socket) {
  hub::Link link;
  link.meter = &socket.meter();
  link.turn = &socket.turn();
  link.figures = [&socket]() -> const net::TransportFigures& { return socket.figures(); };
  return link;
}

void look_at_latency(const log::Context& log, const net::SrtSocket& socket) {
  for (const auto latency : {socket.receive_latency(), socket.send_latency()}) {
    if (latency >= least_likely_latency && latency <= most_likely_latency) continue;
    log::warn(
        log,
        "an SRT latency of {} ms is an unlikely one: OBS and ffmpeg take it in microseconds, libsrt and its tools "
        "in milliseconds",
        latency.count());
    break;
  }
}

std::string srt_terms(const net::SrtSocket& socket) {
  return fmt::format(
      "latency {}/{} ms, {}", socket.receive_latency().count(), socket.send_latency().count(),
      socket.key_bytes() == 0 ? std::string("in the clear") : "AES-" + std::to_string(socket.key_bytes() * 8));
}

}  // namespace weir::session
