#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/access.h"
#include "config/cluster.h"
#include "config/play.h"
#include "config/realtime.h"
#include "config/segments.h"
#include "config/transcode.h"

namespace weir::config {

inline constexpr const char* default_vhost_name = "__defaultVhost__";

// A virtual host, complete: what was not written has its default. Immutable once loaded.
struct Vhost {
  std::string name = default_vhost_name;
  bool enabled = true;
  bool min_latency = false;     // send at each frame
  bool rtc_min_latency = true;  // the same for WebRTC, where it is on unless min_latency is written off
  bool tcp_nodelay = false;
  std::uint32_t chunk_size = 60'000;       // that of the rtmp block where not written
  std::uint32_t in_ack_size = 0;           // 0: as the peer asks
  std::uint32_t out_ack_size = 2'500'000;  // 0: none is announced
  Play play;
  Publish publish;
  Refer refer;
  Security security;
  Auth auth;
  StreamLimits stream_limits;
  Exec exec;
  Cluster cluster;
  Forward forward;
  HttpHooks http_hooks;
  HttpStatic http_static;
  HttpRemux http_remux;
  Hls hls;
  Dash dash;
  Hds hds;
  Dvr dvr;
  Rtc rtc;
  Srt srt;
  Rtsp rtsp;
  std::vector<Transcode> transcodes;
  std::vector<StreamProcess> processes;
  std::vector<Ingest> ingests;
  std::vector<Source> sources;
  std::vector<Push> pushes;
  Snapshot snapshot;
  bool operator==(const Vhost&) const = default;
};

}  // namespace weir::config
