#include <algorithm>

#include "app/api/call.h"
#include "app/api/error.h"
#include "app/events/serve.h"
#include "app/stats/system_sampler.h"
#include "base/log_limit.h"

namespace weir::api {

namespace {

constexpr std::chrono::seconds answer_limit{10};
constexpr std::uint64_t body_limit = 64 * 1024;  // of requests whose body nobody reads

// Whom an endpoint answers.
enum class Open {
  to_all,
  to_viewers,  // reading: anybody, as far as `allow` permits
  to_allowed,  // whom `allow` names; without it, who knows the password; without one, this machine and private networks
};

bool may_ask(const config::HttpApi& settings, const std::string& path, const std::string& address) {
  if (!settings.allow.empty()) {
    return std::any_of(settings.allow.begin(), settings.allow.end(),
                       [&](const auto& range) { return range.contains(address); });
  }
  // auth_gate() has let it pass.
  if (settings.auth.enabled && path.find("/api/") != std::string::npos) return true;
  return !stats::is_public_address(address);
}

net::Task<void> refuse(const Call& call, http::Exchange& exchange, int status) {
  http::Reply refused = error(call, status, status);
  (void)co_await exchange.reply(std::move(refused));
}

struct Doors {
  const Context& context;
  hub::Hub& hub;
  std::shared_ptr<log::Limit> refusals = std::make_shared<log::Limit>();
};

void log_refusal(const Doors& doors, const http::Exchange& exchange) {
  const auto times = doors.refusals->hit(std::chrono::steady_clock::now());
  if (times == 0) return;
  log::warn({doors.hub.worker().logger(), {}, {}},
            "API: {} may not ask for {}: neither allow nor auth of http_api admits it ({} times)",
            exchange.client_address(), exchange.request().path, times);
}

// The one answer that has no end.
net::Task<void> serve_events(const Doors& doors, http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  const config::HttpApi& settings = doors.hub.config()->http_api;
  Call call{request, doors.context, doors.hub, {.callback = {}, .method = request.method}};
  if (!may_ask(settings, request.path, exchange.client_address())) {
    log_refusal(doors, exchange);
    co_return co_await refuse(call, exchange, 403);
  }
  if (request.method != "GET") {
    http::Reply refused = method_not_allowed("GET");
    (void)co_await exchange.reply(std::move(refused));
    co_return;
  }
  if (!doors.context.events || !settings.events.enabled) {
    co_return co_await refuse(call, exchange, code::not_available);
  }
  co_await events::serve(*doors.context.events, settings.events, exchange);
}

net::Task<void> serve(const Doors& doors, const std::string& pattern, Endpoint endpoint, Open open,
                      http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  Call call{request, doors.context, doors.hub, {.callback = {}, .method = request.method}};
  auto jsonp = http::jsonp_of(request);
  if (jsonp) call.jsonp = *jsonp;
  const config::HttpApi& settings = call.config().http_api;
  call.trusted = open == Open::to_all || may_ask(settings, request.path, exchange.client_address());
  if (!call.trusted && !(open == Open::to_viewers && call.reads() && settings.allow.empty())) {
    log_refusal(doors, exchange);
    co_return co_await refuse(call, exchange, 403);
  }
  if (!jsonp) {
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

void add_endpoint(http::Router& router, const Doors& doors, const std::string& pattern, Endpoint endpoint, Open open) {
  http::Handler handler = [doors, pattern, endpoint, open](http::Exchange& exchange) {
    return serve(doors, pattern, endpoint, open, exchange);
  };
  router.add(pattern, std::move(handler), body_limit);
}

}  // namespace

void add_metrics(http::Router& router, const Context& context, hub::Hub& hub) {
  add_endpoint(router, {context, hub}, "/metrics", metrics, Open::to_allowed);
}

void add_routes(http::Router& router, const Context& context, hub::Hub& hub, Mount mount) {
  const Doors doors{context, hub};
  const auto add = [&](const std::string& pattern, Endpoint endpoint, Open open = Open::to_allowed) {
    add_endpoint(router, doors, pattern, endpoint, open);
  };
  if (mount == Mount::own_port) add("/", root, Open::to_viewers);
  add("/api/", api, Open::to_viewers);
  add("/api/v1/", api_v1, Open::to_viewers);
  add("/api/v1/versions", versions, Open::to_viewers);
  add("/api/v1/summaries", summaries);
  add("/api/v1/rusages", rusages);
  add("/api/v1/self_proc_stats", self_proc_stats);
  add("/api/v1/system_proc_stats", system_proc_stats);
  add("/api/v1/meminfos", meminfos);
  add("/api/v1/authors", authors, Open::to_viewers);
  add("/api/v1/features", features, Open::to_viewers);
  add("/api/v1/vhosts/", vhosts);
  add("/api/v1/streams/", streams, Open::to_viewers);
  add("/api/v1/clients/", clients);
  add("/api/v1/dvrs/", dvrs);
  add("/api/v1/raw", raw);
  add("/api/v1/logs", logs);
  add("/api/v1/config", running_config);
  add("/api/v1/clusters", clusters);
  add("/api/v1/openapi.json", openapi, Open::to_viewers);
  add("/api/v1/tests/requests", test_requests, Open::to_viewers);
  add("/api/v1/tests/errors", test_errors, Open::to_viewers);
  add("/api/v1/tests/redirects", test_redirects, Open::to_viewers);
  add("error.srs.com/api/v1/tests/errors", test_errors, Open::to_viewers);
  for (const char* path : {"/rtc/v1/", "/gb/v1/"}) add(path, not_available, Open::to_all);
  for (const char* name : {"perf", "tcmalloc", "valgrind", "signal"})
    add("/api/v1/" + std::string(name), not_available);
  add("/metrics", metrics);
  router.add("/api/v1/events", [doors](http::Exchange& exchange) { return serve_events(doors, exchange); }, body_limit);
  add("/healthz", healthz, Open::to_all);
  add("/readyz", readyz, Open::to_all);
}

}  // namespace weir::api
