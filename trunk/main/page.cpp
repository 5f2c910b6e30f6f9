#include "main/page.h"

#include <fmt/format.h>

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
  tell("rtmp", true, config.rtmp.listen);
  tell("rtmps", config.rtmps.enabled, config.rtmps.listen);
  tell("api", own_api, config.http_api.listen);
  tell("apis", own_api && config.http_api.https.enabled, config.http_api.https.listen);
  if (const auto vhost = config.match_vhost(config::default_vhost_name)) {
    const auto offer = [&members](std::string_view name, bool offered) {
      if (offered) fmt::format_to(std::back_inserter(members), "{}\"{}\":true", members.empty() ? "" : ",", name);
    };
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

}  // namespace

void add_page_routes(http::Router& router, hub::Hub& hub) {
  router.add("/endpoints.json", http::Access::page,
             [&hub](http::Exchange& exchange) { return serve_endpoints(hub, exchange); });
}

}  // namespace weir::server
