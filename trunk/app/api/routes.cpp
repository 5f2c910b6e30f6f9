#include <algorithm>

#include "app/api/call.h"
#include "app/api/error.h"
#include "app/events/serve.h"
#include "base/text.h"

namespace weir::api {

namespace {

constexpr std::chrono::seconds answer_limit{10};
constexpr std::uint64_t body_limit = 64 * 1024;  // of requests whose body nobody reads

enum class Open { to_all, to_allowed };

bool may_ask(const config::HttpApi& settings, const std::string& address) {
  return settings.allow.empty() || std::any_of(settings.allow.begin(), settings.allow.end(),
                                               [&](const auto& range) { return range.contains(address); });
}

net::Task<void> refuse(const Call& call, http::Exchange& exchange, int status) {
  http::Reply refused = error(call, status, status);
  (void)co_await exchange.reply(std::move(refused));
}

// The one answer that has no end.
net::Task<void> serve_events(const Context& context, hub::Hub& hub, http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  const config::HttpApi& settings = hub.config()->http_api;
  Call call{request, context, hub, {.callback = {}, .method = request.method}, {}};
  if (!may_ask(settings, exchange.client_address())) co_return co_await refuse(call, exchange, 403);
  if (request.method != "GET") {
    http::Reply refused = method_not_allowed("GET");
    (void)co_await exchange.reply(std::move(refused));
    co_return;
  }
  if (!context.events || !settings.events.enabled) co_return co_await refuse(call, exchange, code::not_available);
  co_await events::serve(*context.events, settings.events, exchange);
}

net::Task<void> serve(const Context& context, hub::Hub& hub, const std::string& pattern, Endpoint endpoint, Open open,
                      http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  Call call{request, context, hub, {.callback = {}, .method = request.method}, {}};
  if (open == Open::to_allowed && !may_ask(call.config().http_api, exchange.client_address())) {
    co_return co_await refuse(call, exchange, 403);
  }
  if (auto jsonp = http::jsonp_of(request)) {
    call.jsonp = *std::move(jsonp);
  } else {
    http::Reply refused = error(call, code::bad_callback, 400);
    (void)co_await exchange.reply(std::move(refused));
    co_return;
  }
  if (pattern.ends_with('/') && request.path.size() > pattern.size()) call.rest = request.path.substr(pattern.size());
  exchange.watchdog().arm(answer_limit);
  auto reply = co_await endpoint(call);
  exchange.watchdog().disarm();
  if (!reply) co_return;
  (void)co_await exchange.reply(*std::move(reply));
}

void add_endpoint(http::Router& router, const Context& context, hub::Hub& hub, const std::string& pattern,
                  Endpoint endpoint, Open open) {
  http::Handler handler = [&context, &hub, pattern, endpoint, open](http::Exchange& exchange) {
    return serve(context, hub, pattern, endpoint, open, exchange);
  };
  router.add(pattern, std::move(handler), body_limit);
}

}  // namespace

void add_metrics(http::Router& router, const Context& context, hub::Hub& hub) {
  add_endpoint(router, context, hub, "/metrics", metrics, Open::to_all);
}

void add_routes(http::Router& router, const Context& context, hub::Hub& hub, Mount mount) {
  const auto add = [&](const std::string& pattern, Endpoint endpoint, Open open = Open::to_allowed) {
    add_endpoint(router, context, hub, pattern, endpoint, open);
  };
  if (mount == Mount::own_port) add("/", root);
  add("/api/", api);
  add("/api/v1/", api_v1);
  add("/api/v1/versions", versions);
  add("/api/v1/summaries", summaries);
  add("/api/v1/rusages", rusages);
  add("/api/v1/self_proc_stats", self_proc_stats);
  add("/api/v1/system_proc_stats", system_proc_stats);
  add("/api/v1/meminfos", meminfos);
  add("/api/v1/authors", authors);
  add("/api/v1/features", features);
  add("/api/v1/vhosts/", vhosts);
  add("/api/v1/streams/", streams);
  add("/api/v1/clients/", clients);
  add("/api/v1/dvrs/", dvrs);
  add("/api/v1/raw", raw);
  add("/api/v1/logs", logs);
  add("/api/v1/config", running_config);
  add("/api/v1/clusters", clusters);
  add("/api/v1/openapi.json", openapi);
  add("/api/v1/tests/requests", test_requests);
  add("/api/v1/tests/errors", test_errors);
  add("/api/v1/tests/redirects", test_redirects);
  add("error.srs.com/api/v1/tests/errors", test_errors);
  add("/metrics", metrics);
  router.add(
      "/api/v1/events", [&context, &hub](http::Exchange& exchange) { return serve_events(context, hub, exchange); },
      body_limit);
  add("/healthz", healthz, Open::to_all);
  add("/readyz", readyz, Open::to_all);
}

}  // namespace weir::api
