#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/http.h"
#include "config/protocols.h"
#include "config/registry.h"
#include "config/server.h"
#include "config/vhost.h"

namespace weir::config {

// A text that stands for a name in the URLs of sources and of targets: "$name".
struct Variable {
  enum class From { text, environment, file, command, api };
  std::string name{}, value{};
  From from = From::text;
  bool known = true;                   // false: its command has not said it yet
  std::vector<std::string> command{};  // a program and its arguments
  std::chrono::milliseconds every = std::chrono::seconds(60), timeout = std::chrono::seconds(5);  // of it
  std::string at{};  // "file:line" where it is written
  bool operator==(const Variable&) const = default;
};

// The files that a configuration was read from, as they were then, by the names they were asked for.
using Texts = std::map<std::string, std::string, std::less<>>;

// The whole configuration, checked and complete. Immutable: a reload makes another one, and whoever holds this keeps
// it. Any thread.
struct Config {
  Rtmp rtmp;
  Rtmps rtmps;
  Tls tls;
  Log log;
  Process process;
  std::uint32_t workers = 0;                                         // 0: one per core
  std::chrono::milliseconds pithy_print = std::chrono::seconds(10);  // between two summary lines in the log
  bool empty_ip_ok = true;                                           // a peer without an address is dropped in silence
  std::uint64_t memory_budget = 0;  // bytes that all caches together may hold; 0: a part of what the process may have
  Limits limits;
  std::vector<AddressRange> trusted_proxies;           // whose PROXY header and X-Forwarded-For are believed
  RealIpHeader real_ip_header = RealIpHeader::either;  // in which of them what they say stands
  CircuitBreaker circuit_breaker;
  Heartbeat heartbeat;
  Otlp otlp;
  Stats stats;
  Exporter exporter;
  Registry registry;
  HttpServer http_server;
  HttpApi http_api;
  std::vector<SrtServer> srt_servers{1};  // at least one; the environment reaches the first
  RtcServer rtc_server;
  RtspServer rtsp_server;
  std::vector<StreamCaster> stream_casters;
  std::vector<std::shared_ptr<const Vhost>> vhosts;  // as written; the first of a name counts

  std::vector<Variable> variables;

  std::string file;                    // its name; "environment" if there is none
  std::shared_ptr<const Texts> texts;  // to have another overlay with the same configuration: load_again()

  // Each setting that differs from its default, by path: "http_api.listen", "vhost[live.example.com].play.gop_cache".
  std::map<std::string, std::string, std::less<>> written;

  // The vhost of that name, else __defaultVhost__. Null if neither exists or the one found is disabled.
  std::shared_ptr<const Vhost> match_vhost(std::string_view name) const;
  // Whether what the peer of this address says of its clients is believed.
  bool trusts_proxy(std::string_view address) const;
  // The API and the HTTP server are to be one listener.
  bool api_shares_http() const {
    return http_api.enabled && http_server.enabled && http_api.listen == http_server.listen;
  }
};

// Whether a path of Config::written holds a password, key or the like, which must not be shown.
bool is_secret(std::string_view path);
// A value of Config::written as anybody may read it: "(hidden)", or without the secrets of its URLs and arguments.
std::string shown_value(std::string_view path, std::string_view value);

}  // namespace weir::config
