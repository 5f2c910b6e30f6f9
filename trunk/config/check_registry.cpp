#include "config/check_registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/url.h"

namespace weir::config {
namespace {

constexpr std::size_t longest_prefix = 64, longest_node = 253;

// What stands in a key, or between spaces in a value.
bool is_name(const std::string& text, std::size_t longest) {
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7f && c != '{' && c != '}';
  });
}

void check_advertised(const Registry& registry, const Place& place, Problems& problems) {
  std::string host;
  int of_rtmp = 0, of_http = 0;
  for (const std::string& text : registry.advertise) {
    const auto url = base::parse_url(text);
    if (!url || url->host.empty() || (url->scheme != "rtmp" && url->scheme != "http") || !url->user.empty() ||
        !(url->path.empty() || url->path == "/") || !url->query.empty()) {
      problems.error(place, fmt::format("'{}' is no rtmp://HOST[:PORT] or http://HOST[:PORT]", text));
      continue;
    }
    ++(url->scheme == "rtmp" ? of_rtmp : of_http);
    if (!host.empty() && host != url->host) {
      problems.error(place, fmt::format("'{}' and '{}' are two hosts: a server has one", host, url->host));
    }
    host = url->host;
  }
  if (of_rtmp > 1 || of_http > 1) problems.error(place, "advertise names one URL of rtmp and one of http at most");
}

}  // namespace

void check_registry(const Config& config, Binder& binder, Problems& problems) {
  const Registry& registry = config.registry;
  const auto place = [&](const char* name) { return binder.place_of(std::string("registry.") + name); };
  const auto address = base::parse_host_port(registry.address);
  if (!address || address->first.empty()) {
    problems.error(place("address"), fmt::format("'{}' is no HOST[:PORT]", registry.address));
  }
  for (const std::string& sentinel : registry.sentinels) {
    const auto one = base::parse_host_port(sentinel);
    if (!one || one->first.empty()) {
      problems.error(place("sentinels"), fmt::format("'{}' is no HOST[:PORT]", sentinel));
    }
  }
  if (registry.sentinel_master.empty()) {
    problems.error(place("sentinel_master"), "sentinel_master is the name that sentinels call a master by");
  }
  if (!is_name(registry.prefix, longest_prefix)) {
    problems.error(place("prefix"),
                   fmt::format("'{}' has spaces, braces or other letters than ASCII, or is too long", registry.prefix));
  }
  if (!registry.node.empty() && !is_name(registry.node, longest_node)) {
    problems.error(place("node"),
                   fmt::format("'{}' has spaces, braces or other letters than ASCII, or is too long", registry.node));
  }
  check_advertised(registry, place("advertise"), problems);
  if (registry.engine == Registry::Engine::off) return;
  if (!registry.user.empty() && registry.password.empty()) {
    problems.warn(place("user"), "registry.user does nothing without registry.password");
  }
  if (registry.engine == Registry::Engine::etcd) {
    if (!registry.sentinels.empty()) problems.warn(place("sentinels"), "'sentinels' are Redis's: etcd has none");
    if (registry.database != 0) problems.warn(place("database"), "'database' is Redis's: etcd has none");
    if (registry.prefix.find('/') != std::string::npos) {
      problems.error(place("prefix"), fmt::format("'{}' has a '/', which parts the keys of etcd", registry.prefix));
    }
  }
  if (!registry.tls && (!registry.ca_file.empty() || !registry.tls_verify)) {
    problems.warn(place(registry.ca_file.empty() ? "tls_verify" : "ca_file"), "without 'tls on' it does nothing");
  }
}

}  // namespace weir::config
