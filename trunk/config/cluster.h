#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::config {

struct Cluster {
  enum class Protocol { rtmp, flv, flvs };
  bool remote = false;  // mode remote: an edge
  std::vector<std::string> origin;
  bool token_traverse = false;
  std::string vhost = "[vhost]";
  bool debug_srs_upnode = true;
  bool origin_cluster = false;
  std::vector<std::string> coworkers;
  Protocol protocol = Protocol::rtmp;
  bool follow_client = false;
  std::string advertise;  // host[:RTMP port] that this node tells its coworkers; empty: found out
  std::chrono::milliseconds linger = std::chrono::seconds(3);  // a stream is fetched for so long after its last player
  bool operator==(const Cluster&) const = default;
};

// Streams that this server fetches by URLs.
struct Source {
  enum class Standby { hot, cold };
  std::string scope;  // "app/stream"; on demand also "app", or empty: the whole vhost
  bool enabled = true;
  std::vector<std::string> urls;  // asked in turn
  bool on_demand = false;
  std::uint32_t priority = 0;       // among the inputs of a stream; the highest one that brings frames is played
  Standby standby = Standby::cold;  // while a better one is played: connected, or not begun
  bool operator==(const Source&) const = default;
};

struct Forward {
  bool enabled = false;
  std::vector<std::string> destination;
  std::string backend;
  bool operator==(const Forward&) const = default;
};

}  // namespace weir::config
