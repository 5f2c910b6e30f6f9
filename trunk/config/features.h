#pragma once

#include <cstdint>
#include <string_view>

namespace weir::config {

// What a directive belongs to. A directive of a feature that is not built is accepted with a warning.
enum class Feature : std::uint8_t {
  core,
  daemon,
  graceful_quit,
  change_user,
  proxy_protocol,
  connection_limits,
  circuit_breaker,
  heartbeat,
  system_stats,
  exporter,
  raw_api,
  api_access,
  hooks,
  exec,
  refer,
  security,
  auth,
  stream_limits,
  idle_kick,
  http_other_formats,
  hls,
  low_latency_hls,
  dash,
  dvr,
  srt,
  rtc,
  rtc_tcp,
  rtsp,
  stream_caster,
  origin_cluster,
  token_traverse,
  edge,
  forward,
  transcode,
  ingest,
  source,
  snapshot,
  never,  // accepted for the sake of old files; will not do anything
};

// The one place to say what works: flip `built` in features.cpp when a feature is done.
struct FeatureState {
  Feature feature;
  std::string_view name;
  bool built;
};
const FeatureState& state_of(Feature feature);

}  // namespace weir::config
