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
  bool hls_relay = false;               // HLS is the origin's own playlists and segments, never cut anew here
  std::vector<std::string> hls_origin;  // where from: host[:port] or http[s]://host[:port]; empty: as `origin` has it
  bool operator==(const Cluster&) const = default;
};

// URLs as they were written, where variables were filled in; both are empty where there are none.
struct AsWritten {
  std::vector<std::string> urls;     // one for each
  std::vector<std::string> secrets;  // what was filled in
  bool of_api = false;               // some of it was set by the API
  std::string waits_for;             // the variable that has no value yet: nothing is fetched or sent until then
  bool operator==(const AsWritten&) const = default;
};

// Streams that this server fetches by URLs.
struct Source {
  enum class Standby { hot, cold, warm };
  std::string scope;  // "app/stream"; on demand also "app", or empty: the whole vhost
  bool enabled = true;
  std::vector<std::string> urls;  // asked in turn
  AsWritten written;
  bool on_demand = false;
  std::uint32_t priority = 0;       // among the inputs of a stream; the highest one that brings frames is played
  Standby standby = Standby::cold;  // while a better one is played: received, connected, or not begun
  std::chrono::milliseconds restart_every{0};  // 0: never
  bool by_api = false;                         // it stands in the overlay
  bool public_only = false;                    // and leads to no address of this machine or of private networks
  std::string at;                              // "file:line" where it is written
  bool operator==(const Source&) const = default;
};

// Where one stream, or all of an application or of the virtual host, are sent on to; beside Forward.
struct Push {
  std::string scope;  // "app/stream", "app", or empty: the whole vhost
  bool enabled = true;
  std::string url;
  std::string audio;  // a file of AAC below http_server.dir that is sent over and over in place of the stream's sound
  AsWritten written;
  bool by_api = false, public_only = false;  // as those of Source
  std::string at;
  bool operator==(const Push&) const = default;
};

struct Forward {
  bool enabled = false;
  std::vector<std::string> destination;
  AsWritten written;  // the destinations
  std::string backend;
  bool operator==(const Forward&) const = default;
};

}  // namespace weir::config
