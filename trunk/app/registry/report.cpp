#include "app/registry/report.h"

#include "base/url.h"
#include "config/srt_servers.h"

namespace weir::registry {

namespace {

constexpr std::uint16_t usual_rtmp = 1935, usual_http = 80;

std::uint16_t first_port(const std::vector<config::Endpoint>& listen, std::uint16_t otherwise) {
  return listen.empty() ? otherwise : listen.front().port;
}

}  // namespace

cluster::Node own_node(const config::Config& config, const std::string& address, const std::string& instance) {
  const config::Registry& settings = config.registry;
  cluster::Node node;
  node.instance = instance;
  node.at = {.host = address.empty() ? "127.0.0.1" : address,
             .rtmp_port = first_port(config.rtmp.listen, usual_rtmp),
             .http_port = config.http_server.enabled ? first_port(config.http_server.listen, 0) : std::uint16_t{0}};
  // Others come to it for streams.
  if (const auto* srt = config::srt_server_for(config, config::SrtServer::Direction::out)) {
    node.srt_port = first_port(srt->listen, 0);
  }
  if (config.http_api.enabled) node.api_port = first_port(config.http_api.listen, 0);
  for (const std::string& text : settings.advertise) {  // checked when the configuration was read
    const auto url = base::parse_url(text);
    if (!url) continue;
    node.at.host = url->host;
    if (url->scheme == "rtmp" && url->port != 0) node.at.rtmp_port = url->port;
    if (url->scheme == "http") node.at.http_port = url->port != 0 ? url->port : usual_http;
  }
  node.name = settings.node.empty() ? base::format_host_port(node.at.host, node.at.rtmp_port) : settings.node;
  node.region = settings.region;
  node.capacity_mbps = settings.capacity_mbps;
  return node;
}

}  // namespace weir::registry
