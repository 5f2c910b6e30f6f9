#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "base/url.h"

// Origins of a cluster ask one another here who has a stream.
namespace weir::api {

using nlohmann::ordered_json;

namespace {

bool is_reachable(const std::string& address) {
  return !address.empty() && address != "0.0.0.0" && address != "::" && address != "::1" &&
         !address.starts_with("127.");
}

// The first IPv4 address of this machine that is not loopback, a public one before others.
std::string own_address() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(list, &freeifaddrs);
  std::string any;
  for (const ifaddrs* one = list; one; one = one->ifa_next) {
    if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || (one->ifa_flags & IFF_LOOPBACK)) continue;
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text, sizeof text);
    if (stats::is_public_address(text)) return text;
    if (any.empty()) any = text;
  }
  return any;
}

std::string advertised_address(const config::Config& config, const std::string& coworker) {
  if (!config.rtmp.listen.empty() && is_reachable(config.rtmp.listen.front().address)) {
    return config.rtmp.listen.front().address;
  }
  if (const auto host = base::parse_host_port(coworker); host && is_reachable(host->first)) return host->first;
  std::string own = own_address();
  if (!own.empty()) return own;
  // A machine without a network: whoever asks is on it.
  const auto host = base::parse_host_port(coworker);
  return host && !host->first.empty() ? host->first : "127.0.0.1";
}

// Where players reach this server's RTMP.
std::pair<std::string, std::uint16_t> advertised_rtmp(const config::Config& config, const config::Vhost& vhost,
                                                      const std::string& coworker) {
  constexpr std::uint16_t usual = 1935;
  const std::uint16_t port = config.rtmp.listen.empty() ? usual : config.rtmp.listen.front().port;
  if (const auto said = base::parse_host_port(vhost.cluster.advertise); said && !said->first.empty()) {
    return {said->first, said->second != 0 ? said->second : port};
  }
  return {advertised_address(config, coworker), port};
}

}  // namespace

Answer clusters(Call& call) {
  const auto parameter = [&](std::string_view name) { return call.request.query_value(name).value_or(""); };
  const std::string vhost_name = parameter("vhost"), app = parameter("app"), stream = parameter("stream");
  const std::string coworker = parameter("coworker");
  const config::Config& config = call.config();

  ordered_json origin = nullptr;
  const auto vhost = config.match_vhost(vhost_name);
  const bool published =
      vhost && call.hub.directory().live(hub::Request{.vhost = vhost, .app = app, .stream = stream}.key());
  if (published) {
    const auto [ip, rtmp] = advertised_rtmp(config, *vhost, coworker);
    const std::uint16_t api =
        config.http_api.listen.empty() ? std::uint16_t{1985} : config.http_api.listen.front().port;
    const std::string own = base::format_host_port(ip, api);
    origin = {
        {"ip", ip}, {"port", rtmp}, {"vhost", vhost->name}, {"api", own}, {"routers", ordered_json::array({own})}};
    // Not SRS's: where the other protocols are.
    if (config.http_server.enabled && !config.http_server.listen.empty()) {
      origin["http_port"] = config.http_server.listen.front().port;
    }
  }
  const ordered_json query{{"ip", parameter("ip")}, {"vhost", vhost_name}, {"app", app}, {"stream", stream}};
  co_return ok(call, ordered_json{{"data", {{"query", query}, {"origin", origin}}}});
}

}  // namespace weir::api
