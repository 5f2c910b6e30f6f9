#include "config/features.h"

#include <array>

namespace weir::config {
namespace {

constexpr bool built = true;
constexpr bool not_built = false;

constexpr std::array states{
    FeatureState{Feature::core, "the core", built},
    FeatureState{Feature::daemon, "running as a daemon, with pid file", built},
    FeatureState{Feature::graceful_quit, "graceful quit", built},
    FeatureState{Feature::change_user, "changing the user", built},
    FeatureState{Feature::proxy_protocol, "PROXY protocol", built},
    FeatureState{Feature::connection_limits, "limits on connections per address and second", built},
    FeatureState{Feature::circuit_breaker, "the circuit breaker", built},
    FeatureState{Feature::heartbeat, "heartbeat", built},
    FeatureState{Feature::system_stats, "choice of network and disks for statistics", built},
    FeatureState{Feature::exporter, "the Prometheus exporter", built},
    FeatureState{Feature::raw_api, "the raw API", built},
    FeatureState{Feature::api_access, "access control of the API", built},
    FeatureState{Feature::hooks, "HTTP hooks", built},
    FeatureState{Feature::exec, "exec", built},
    FeatureState{Feature::refer, "referer check", built},
    FeatureState{Feature::security, "access by address", built},
    FeatureState{Feature::auth, "signed URLs and tokens", built},
    FeatureState{Feature::stream_limits, "limits per virtual host and stream", built},
    FeatureState{Feature::idle_kick, "dropping a publisher without players", built},
    FeatureState{Feature::http_other_formats, "HTTP live streams other than FLV", built},
    FeatureState{Feature::hls, "HLS", built},
    FeatureState{Feature::low_latency_hls, "low-latency HLS", built},
    FeatureState{Feature::dash, "DASH", built},
    FeatureState{Feature::dvr, "DVR", built},
    FeatureState{Feature::srt, "SRT", built},
    FeatureState{Feature::rtc, "WebRTC", built},
    FeatureState{Feature::rtc_tcp, "WebRTC over TCP", built},
    FeatureState{Feature::rtsp, "RTSP", not_built},
    FeatureState{Feature::stream_caster, "stream_caster", not_built},
    FeatureState{Feature::origin_cluster, "the cluster of origins", built},
    FeatureState{Feature::token_traverse, "token_traverse", built},
    FeatureState{Feature::edge, "cluster", built},
    FeatureState{Feature::forward, "forward", built},
    FeatureState{Feature::transcode, "transcode", built},
    FeatureState{Feature::ingest, "ingest", built},
    FeatureState{Feature::source, "source", built},
    FeatureState{Feature::snapshot, "snapshots", built},
    FeatureState{Feature::never, "", not_built},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (static_cast<std::size_t>(states[i].feature) != i) return false;
  }
  return states.size() == static_cast<std::size_t>(Feature::never) + 1;
}
static_assert(in_order(), "one row per feature, in the order of the enumeration");

}  // namespace

const FeatureState& state_of(Feature feature) { return states[static_cast<std::size_t>(feature)]; }

}  // namespace weir::config
