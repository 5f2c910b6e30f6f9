#include "app/heartbeat/body.h"

#include <nlohmann/json.hpp>

namespace weir::heartbeat {

using nlohmann::ordered_json;

namespace {

ordered_json endpoints(const std::vector<config::Endpoint>& list, const std::string& scheme = {}) {
  ordered_json out = ordered_json::array();
  for (const config::Endpoint& one : list) out.push_back(scheme + config::to_text(one));
  return out;
}

}  // namespace

std::string body(const config::Config& config, const Identity& identity, const ordered_json& summaries) {
  const config::Heartbeat& settings = config.heartbeat;
  ordered_json out{{"device_id", settings.device_id},
                   {"ip", settings.device_ip.empty() ? identity.address : settings.device_ip},
                   {"server", identity.server},
                   {"service", identity.service},
                   {"pid", std::to_string(identity.pid)}};
  if (!summaries.is_null()) out["summaries"] = ordered_json{{"data", summaries}};
  if (settings.ports) {
    out["rtmp"] = endpoints(config.rtmp.listen);
    if (config.http_server.enabled) out["http"] = endpoints(config.http_server.listen);
    if (config.http_api.enabled) out["api"] = endpoints(config.http_api.listen);
    std::vector<config::Endpoint> srt;
    for (const config::SrtServer& one : config.srt_servers) {
      if (one.enabled) srt.insert(srt.end(), one.listen.begin(), one.listen.end());
    }
    if (!srt.empty()) out["srt"] = endpoints(srt, "udp://");
  }
  // What an id of the configuration is spelled with may be no UTF-8.
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace weir::heartbeat
