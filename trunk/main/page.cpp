#include "main/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/url.h"
#include "config/srt_servers.h"
#include "net/http/exchange.h"

namespace weir::server {

namespace {

std::string endpoints_of(const config::Config& config) {
  std::string members;
  const auto tell = [&members](std::string_view name, bool enabled, const std::vector<config::Endpoint>& listen) {
    if (!enabled || listen.empty()) return;
    fmt::format_to(std::back_inserter(members), "{}\"{}\":{}", members.empty() ? "" : ",", name, listen.front().port);
  };
  const bool own_api = config.http_api.enabled && !config.api_shares_http();
  tell("https", config.http_server.https.enabled, config.http_server.https.listen);
  tell("rtmp", true, config.rtmp.listen);
  tell("rtmps", config.rtmps.enabled, config.rtmps.listen);
  tell("api", own_api, config.http_api.listen);
  tell("apis", own_api && config.http_api.https.enabled, config.http_api.https.listen);
  if (const auto vhost = config.match_vhost(config::default_vhost_name)) {
    const bool tcp = config.rtc_server.tcp_enabled && config.rtc_server.protocol != config::RtcServer::Protocol::udp;
    using Direction = config::SrtServer::Direction;
    const config::SrtServer* srt = config::srt_server_for(config, Direction::both);
    if (!srt) srt = config::srt_server_for(config, Direction::out);
    if (srt) tell("srt", vhost->srt.enabled, srt->listen);
    tell("rtc", config.rtc_server.enabled && vhost->rtc.enabled, config.rtc_server.listen);
    tell("rtc_tcp", config.rtc_server.enabled && vhost->rtc.enabled && tcp, config.rtc_server.tcp_listen);
    const auto offer = [&members](std::string_view name, bool offered) {
      if (offered) fmt::format_to(std::back_inserter(members), "{}\"{}\":true", members.empty() ? "" : ",", name);
    };
    offer("rtmp_to_rtc", vhost->rtc.rtmp_to_rtc);
    offer("hls", vhost->hls.enabled);
    offer("dash", vhost->dash.enabled);
  }
  return "{" + members + "}\n";
}

net::Task<void> serve_endpoints(hub::Hub& hub, http::Exchange& exchange) {
  http::Reply reply = http::Reply::json(endpoints_of(*hub.config()));
  reply.headers.add("Cache-Control", "no-cache");
  (void)co_await exchange.reply(std::move(reply));
}

constexpr std::string_view embedded = "/embed/";

// "/embed/live/cam?token=t" to "../../embed.html?token=t#/live/cam": right below whatever folder a proxy puts this in.
std::string frame_of(const http::Request& request) {
  std::string location;
  for (auto depth = std::ranges::count(request.path, '/'); depth > 1; --depth) location += "../";
  location += "embed.html";
  if (!request.query.empty()) location.append("?").append(request.query);
  const std::string stream = request.path.substr(embedded.size() - 1);
  return location + "#" + base::replace_all(base::percent_encode(stream), "%2F", "/");
}

net::Task<void> serve_embedded(ServeFile file, http::Exchange& exchange) {
  if (co_await file(exchange)) co_return;
  http::Reply reply = http::Reply::redirect(302, frame_of(exchange.request()));
  (void)co_await exchange.reply(std::move(reply));
}

std::optional<http::Route> match_embedded(const ServeFile& file, const http::Request& request) {
  const std::string& path = request.path;
  const bool reads = request.method == "GET" || request.method == "HEAD";
  // An application and a stream, no folder.
  if (!reads || !path.starts_with(embedded) || path.ends_with('/')) return std::nullopt;
  if (path.find('/', embedded.size()) == std::string::npos) return std::nullopt;
  return http::Route(http::Access::page, [file](http::Exchange& exchange) { return serve_embedded(file, exchange); });
}

}  // namespace

void add_page_routes(http::Router& router, hub::Hub& hub, ServeFile file) {
  router.add("/endpoints.json", http::Access::page,
             [&hub](http::Exchange& exchange) { return serve_endpoints(hub, exchange); });
  router.add_matcher([file = std::move(file)](const http::Request& request) { return match_embedded(file, request); });
}

}  // namespace weir::server
