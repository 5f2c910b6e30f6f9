#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/endpoint.h"

// Settings of the process: what stands at the root of the file, or in a block there, and is not a protocol of its own.
namespace weir::config {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Rtmp {
  std::vector<Endpoint> listen;
  std::uint32_t chunk_size = 60'000;              // of what we send
  std::uint64_t max_message_bytes = 32ull << 20;  // a longer message ends the connection
  milliseconds handshake_timeout = seconds(10);   // accept to the end of the handshake
  milliseconds connect_timeout = seconds(30);     // end of the handshake to publish or play
  bool proxy_protocol = false;                    // v1 or v2, from trusted_proxies only
  bool operator==(const Rtmp&) const = default;
};

struct Rtmps {
  bool enabled = false;
  std::vector<Endpoint> listen;
  std::string key = "./conf/server.key";
  std::string cert = "./conf/server.crt";
  bool proxy_protocol = false;
  bool operator==(const Rtmps&) const = default;
};

// Rules of every TLS listener.
struct Tls {
  enum class Version : std::uint8_t { tls_1_2, tls_1_3 };
  Version min_version = Version::tls_1_2;
  Version max_version = Version::tls_1_3;
  std::vector<std::string> curves{"X25519", "P-256", "P-384"};  // the preferred first
  bool operator==(const Tls&) const = default;
};

enum class LogLevel { trace, debug, info, warn, error };

struct Log {
  bool to_file = true;  // else the console
  std::string file = "./objs/srs.log";
  LogLevel level = LogLevel::info;  // of srs_log_level and srs_log_level_v2 together, on the v2 scale
  bool json = false;
  unsigned lines_per_address = 20;  // of one kind in a second; 0: no limit
  bool operator==(const Log&) const = default;
};

struct Process {
  bool daemon = true;
  bool utc_time = false;
  bool asprocess = false;
  bool in_docker = false;
  bool disable_daemon_for_docker = true;
  bool inotify_auto_reload = false;
  bool auto_reload_for_docker = true;
  bool force_grace_quit = false;
  bool query_latest_version = false;
  milliseconds first_wait_for_qlv = seconds(300);
  milliseconds grace_start_wait{2300};
  milliseconds grace_final_wait{3200};
  double tcmalloc_release_rate = 0.8;
  std::string server_id;  // empty: made at random and kept beside the pid file
  std::string pid = "./objs/srs.pid";
  std::string work_dir = "./";
  std::string plugin_dir;  // of libweir_*.so; empty: beside the program, or in ../lib/weir of there
  std::string user;        // to become after binding; empty: stay
  std::string ff_log_dir = "./objs";
  std::string ff_log_level = "info";
  bool operator==(const Process&) const = default;
};

// Bounds on connections of every kind of TCP client together. 0: no such limit.
struct Limits {
  std::uint32_t max_connections = 1000;
  std::uint32_t max_connections_per_address = 0;
  std::uint32_t max_new_connections_per_second = 0;
  std::uint32_t max_sessions_per_address = 0;  // of HLS and DASH; 0: a quarter of max_connections, 100 at least
  bool operator==(const Limits&) const = default;
};

// Where trusted proxies name their client. `either`: X-Forwarded-For, without it Forwarded.
enum class RealIpHeader { either, x_forwarded_for, forwarded, x_real_ip };

// CPU guards: above `threshold` per cent for `pulse` seconds. A pulse of 0 disables that level.
struct CircuitBreaker {
  bool enabled = true;
  int high_threshold = 90;
  int high_pulse = 2;
  int critical_threshold = 95;
  int critical_pulse = 1;
  int dying_threshold = 99;
  int dying_pulse = 5;
  bool operator==(const CircuitBreaker&) const = default;
};

struct Heartbeat {
  bool enabled = false;
  milliseconds interval = seconds(10);
  std::string url = "http://127.0.0.1:8085/api/v1/servers";
  std::string device_id;
  std::string device_ip;  // from the variable SRS_DEVICE_IP
  bool summaries = false;
  bool ports = false;
  bool tls_verify = false;  // the certificate of an https server; SRS never does
  std::string ca_file;      // an authority beside the system's, PEM
  bool operator==(const Heartbeat&) const = default;
};

// Traces of sessions, to a collector of OpenTelemetry.
struct Otlp {
  std::string endpoint;  // "http://127.0.0.1:4318"; empty: none are made
  double sample = 1;     // of the sessions, 0 to 1
  std::string service_name = "weir";
  milliseconds interval = seconds(5);  // between two posts
  milliseconds timeout = seconds(10);
  std::uint32_t queue = 2048;  // spans that wait, of a worker
  bool tls_verify = true;
  std::string ca_file;  // an authority beside the system's, PEM
  bool operator==(const Otlp&) const = default;
};

struct Stats {
  bool enabled = true;
  int network = 0;  // index into the host's addresses
  std::vector<std::string> disk;
  bool operator==(const Stats&) const = default;
};

// The Prometheus port.
struct Exporter {
  bool enabled = false;
  std::vector<Endpoint> listen{{"", 9972}};
  std::string label;
  std::string tag;
  bool operator==(const Exporter&) const = default;
};

}  // namespace weir::config
