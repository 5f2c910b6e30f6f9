#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "net/listener.h"

namespace weir::server {

// What is spoken on a listening port.
enum class Service : std::uint8_t { rtmp, rtmps, http, https, api, api_tls, exporter, ice_tcp };
constexpr std::size_t service_count = 8;
std::string_view name_of(Service service);

// What the session of a listener is called, by which it is stopped: "listener rtmp *:1935".
std::string listener_name(Service service, const net::ListenAddress& address);
net::ListenAddress address_of(const config::Endpoint& endpoint);

// A service that the configuration wants. The files are empty for services without TLS.
struct Offer {
  Service service;
  std::vector<config::Endpoint> endpoints;
  std::string certificate, key;
  bool tls() const { return !certificate.empty(); }
};
std::vector<Offer> offers(const config::Config& config);

// Where WebRTC is taken by TCP; none: nowhere. On the port of HTTP where both are written the same, as in SRS: then the
// first byte of a connection tells which it is.
std::vector<config::Endpoint> ice_tcp_endpoints(const config::Config& config);
bool ice_tcp_shares_http(const config::Config& config);

// Whether load balancers say with a PROXY header on the service's ports whom they relay.
bool expects_proxy_header(Service service, const config::Config& config);

}  // namespace weir::server
