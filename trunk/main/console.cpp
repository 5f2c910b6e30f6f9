#include "main/console.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/url.h"
#include "net/http/exchange.h"
#include "net/http/static_files.h"

namespace weir::server {

namespace {

constexpr std::string_view place = "/console/";

// The page loads from here and talks to here, shows no markup of others, and is shown in nobody's frame. Pictures of
// streams, and the player in a frame of ours, come from the HTTP server's ports.
http::Headers policy(const config::HttpServer& server) {
  std::string pictures;
  for (const auto* one : {&server.listen, &server.https.listen}) {
    if (!one->empty()) pictures += fmt::format(" *:{}", one->front().port);
  }
  const std::string rules = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'" + pictures +
                            "; frame-src" + (pictures.empty() ? " 'none'" : pictures) +
                            "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                            "require-trusted-types-for 'script'";
  return {{"Content-Security-Policy", rules},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Opener-Policy", "same-origin"}};
}

net::Task<void> refuse(http::Exchange& exchange, int status, std::string text) {
  http::Reply reply = http::Reply::plain(status, std::move(text));
  (void)co_await exchange.reply(std::move(reply));
}

net::Task<void> serve(std::shared_ptr<const http::StaticFiles> files, hub::Hub& hub, http::Exchange& exchange) {
  if (!hub.config()->http_api.console.enabled) co_return co_await refuse(exchange, 404, "The console is off.\n");
  co_await files->serve(exchange);
}

net::Task<void> lead(hub::Hub& hub, http::Exchange& exchange) {
  const config::HttpApi& api = hub.config()->http_api;
  const http::Request& request = exchange.request();
  const bool secure = exchange.stream().encrypted() && api.https.enabled && !api.https.listen.empty();
  const auto& listen = secure ? api.https.listen : api.listen;
  if (!api.console.enabled || request.host.empty() || listen.empty()) {
    co_return co_await refuse(exchange, 404, "The console is off.\n");
  }
  std::string host = request.host;  // "[::1]" keeps its brackets
  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  host = base::format_host_port(host, listen.front().port);
  http::Reply reply = http::Reply::redirect(302, (secure ? "https://" : "http://") + host + std::string(place));
  (void)co_await exchange.reply(std::move(reply));
}

}  // namespace

void add_console(http::Router& router, hub::Hub& hub, net::BlockingPool& files) {
  const config::HttpApi::Console& settings = hub.config()->http_api.console;
  if (!settings.enabled) return;
  auto served =
      std::make_shared<const http::StaticFiles>(http::StaticFiles::Options{.root = settings.dir,
                                                                           .prefix = std::string(place),
                                                                           .flv_lead = nullptr,
                                                                           .headers = policy(hub.config()->http_server),
                                                                           .squeezes = true},
                                                files);
  router.add(place, http::Access::page,
             [served, &hub](http::Exchange& exchange) { return serve(served, hub, exchange); });
}

void add_way_to_console(http::Router& router, hub::Hub& hub) {
  const config::HttpApi& api = hub.config()->http_api;
  if (!api.enabled || !api.console.enabled) return;
  router.add(place, http::Access::page, [&hub](http::Exchange& exchange) { return lead(hub, exchange); });
}

}  // namespace weir::server
