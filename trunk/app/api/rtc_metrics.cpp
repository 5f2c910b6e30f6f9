#include "app/api/rtc_metrics.h"

#include <algorithm>
#include <iterator>

namespace weir::api {

void write_rtc(Exposition& out, const session::webrtc::Figures& figures) {
  out.metric("weir_rtc_connected_total", "counter", "WebRTC sessions whose peer got through.");
  out.sample(figures.connected.load());
  out.metric("weir_rtc_sessions_ended_total", "counter", "WebRTC sessions that ended, by why.");
  out.sample(figures.closed.load(), {{"reason", "closed"}});
  out.sample(figures.no_check.load(), {{"reason", "no_check"}});
  out.sample(figures.failed.load(), {{"reason", "handshake"}});
  out.sample(figures.silent.load(), {{"reason", "silent"}});
  out.metric("weir_rtc_sessions", "gauge", "WebRTC sessions now, by how far they are.");
  constexpr std::string_view states[] = {"waiting", "handshaking", "connected"};
  for (std::size_t i = 0; i < std::size(states); ++i) {
    const std::int64_t count = figures.sessions[i].load();
    out.sample(static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)), {{"state", states[i]}});
  }
  out.metric("weir_rtc_nacks_total", "counter", "Packets that were asked for again by RTCP, by who asked.");
  out.sample(figures.nacks_sent.load(), {{"direction", "sent"}});
  out.sample(figures.nacks_received.load(), {{"direction", "received"}});
  out.metric("weir_rtc_key_frame_requests_total", "counter", "Key frames asked for by PLI or FIR, by who asked.");
  out.sample(figures.key_requests_sent.load(), {{"direction", "sent"}});
  out.sample(figures.key_requests_received.load(), {{"direction", "received"}});
  out.metric("weir_rtc_breaker_workers", "gauge", "Workers whose circuit breaker sheds work of WebRTC now, by level.");
  constexpr std::string_view levels[] = {"normal", "high", "critical"};
  for (std::size_t i = 1; i < std::size(levels); ++i) {
    const std::int64_t count = figures.breaker_workers[i].load();
    out.sample(static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)), {{"level", levels[i]}});
  }
  out.metric("weir_rtc_breaker_trips_total", "counter", "How often a circuit breaker came to a level.");
  for (std::size_t i = 1; i < std::size(levels); ++i) {
    out.sample(figures.breaker_trips[i].load(), {{"level", levels[i]}});
  }
  out.metric("weir_rtc_unrepaired_total", "counter", "Lost packets that the circuit breaker left so.");
  out.sample(figures.unrepaired.load());
  out.metric("weir_rtc_datagrams_total", "counter", "Datagrams on the WebRTC ports, by direction.");
  out.sample(figures.received.load(), {{"direction", "received"}});
  out.sample(figures.sent.load(), {{"direction", "sent"}});
  out.metric("weir_rtc_datagrams_lost_total", "counter", "Datagrams on the WebRTC ports that were lost here, by why.");
  out.sample(figures.receive_drops.load(), {{"reason", "receive_buffer"}});
  out.sample(figures.send_drops.load(), {{"reason", "send_buffer"}});
  out.sample(figures.forward_drops.load(), {{"reason", "worker_behind"}});
  out.sample(figures.strangers.load(), {{"reason", "no_session"}});
  out.metric("weir_rtc_stun_answers_total", "counter", "Strangers that asked a WebRTC port for their address.");
  out.sample(figures.stun_answers.load());
  out.metric("weir_rtc_datagrams_forwarded_total", "counter",
             "Datagrams that came to another worker than their session's.");
  out.sample(figures.forwarded.load());
}

}  // namespace weir::api
