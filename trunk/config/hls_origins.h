#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/vhost.h"

namespace weir::config {

// An HTTP server that has the HLS of an edge's streams.
struct HlsOrigin {
  std::string host;  // without brackets
  std::uint16_t port = 0;
  bool secure = false;
  std::string name;  // "http://host:port"
};

// "host[:port]" or "http[s]://host[:port]"; none: it is neither.
std::optional<HlsOrigin> hls_origin_of(std::string_view text);

// Those of `hls_origin`; without any the hosts of `origin`, at the port that SRS's HTTP server has, or at their own
// where `origin` is a URL of HTTP or `protocol` is HTTP's.
std::vector<HlsOrigin> hls_origins_of(const Cluster& cluster);

// Whether HLS of this virtual host is its origin's, and whether it is made here of the streams.
inline bool relays_hls(const Vhost& vhost) {
  return vhost.hls.enabled && vhost.cluster.remote && vhost.cluster.hls_relay;
}
inline bool makes_hls(const Vhost& vhost) { return vhost.hls.enabled && !relays_hls(vhost); }

}  // namespace weir::config
