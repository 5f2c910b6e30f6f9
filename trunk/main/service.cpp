#include "main/service.h"

#include "session/webrtc/service.h"

namespace weir::server {

std::string_view name_of(Service service) {
  switch (service) {
    case Service::rtmp:
      return "rtmp";
    case Service::rtmps:
      return "rtmps";
    case Service::http:
      return "http";
    case Service::https:
      return "https";
    case Service::api:
      return "api";
    case Service::api_tls:
      return "api-tls";
    case Service::exporter:
      return "metrics";
    case Service::ice_tcp:
      return session::webrtc::tcp_session_name;
  }
  return "unknown";
}

std::string listener_name(Service service, const net::ListenAddress& address) {
  return "listener " + std::string(name_of(service)) + " " + net::to_text(address);
}

net::ListenAddress address_of(const config::Endpoint& endpoint) { return {endpoint.address, endpoint.port}; }

std::vector<Offer> offers(const config::Config& c) {
  std::vector<Offer> all{{Service::rtmp, c.rtmp.listen, {}, {}}};
  if (c.rtmps.enabled) all.push_back({Service::rtmps, c.rtmps.listen, c.rtmps.cert, c.rtmps.key});
  const auto http = [&](const auto& server, Service plain, Service secure) {
    all.push_back({plain, server.listen, {}, {}});
    if (server.https.enabled) all.push_back({secure, server.https.listen, server.https.cert, server.https.key});
  };
  if (c.http_server.enabled) http(c.http_server, Service::http, Service::https);
  if (c.http_api.enabled && !c.api_shares_http()) http(c.http_api, Service::api, Service::api_tls);
  if (c.exporter.enabled) all.push_back({Service::exporter, c.exporter.listen, {}, {}});
  const std::vector<config::Endpoint> ice_tcp = ice_tcp_endpoints(c);
  if (!ice_tcp.empty() && !ice_tcp_shares_http(c)) all.push_back({Service::ice_tcp, ice_tcp, {}, {}});
  return all;
}

std::vector<config::Endpoint> ice_tcp_endpoints(const config::Config& c) {
  if (!c.rtc_server.enabled || !c.rtc_server.tcp_enabled) return {};
  return c.rtc_server.tcp_listen;
}

bool ice_tcp_shares_http(const config::Config& c) {
  return c.http_server.enabled && c.http_server.listen == c.rtc_server.tcp_listen;
}

bool expects_proxy_header(Service service, const config::Config& c) {
  switch (service) {
    case Service::rtmp:
      return c.rtmp.proxy_protocol;
    case Service::rtmps:
      return c.rtmps.proxy_protocol;
    case Service::http:
    case Service::https:
      return c.http_server.proxy_protocol;
    case Service::api:
    case Service::api_tls:
      return c.http_api.proxy_protocol;
    case Service::exporter:
    case Service::ice_tcp:
      break;
  }
  return false;
}

}  // namespace weir::server
