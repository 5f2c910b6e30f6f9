#include "app/api/call.h"
#include "app/api/error.h"
#include "app/events/serve.h"

namespace weir::api {

namespace {

using http::Access;

constexpr std::chrono::seconds answer_limit{10};
constexpr std::uint64_t body_limit = 64 * 1024;  // of requests whose body nobody reads

struct Doors {
  const Context& context;
  hub::Hub& hub;
};

// The one answer that has no end.
net::Task<void> serve_events(const Doors& doors, http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  const config::HttpApi& settings = doors.hub.config()->http_api;
  Call call{request, doors.context, doors.hub, {.callback = {}, .method = request.method}};
  http::Reply refused = method_not_allowed("GET");
  if (request.method == "GET") {
    if (doors.context.events && settings.events.enabled) {
      co_return co_await events::serve(*doors.context.events, settings.events, exchange);
    }
    refused = error(call, code::not_available, code::not_available);
  }
  (void)co_await exchange.reply(std::move(refused));
}

net::Task<void> serve(const Doors& doors, const std::string& pattern, Endpoint endpoint, http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  Call call{request, doors.context, doors.hub, {.callback = {}, .method = request.method}};
  call.trusted = exchange.is_operator();
  call.exchange = &exchange;
  const auto jsonp = http::jsonp_of(request);
  if (!jsonp) {
    http::Reply refused = error(call, code::bad_callback, 400);
    (void)co_await exchange.reply(std::move(refused));
    co_return;
  }
  call.jsonp = *jsonp;
  if (pattern.ends_with('/') && request.path.size() > pattern.size()) call.rest = request.path.substr(pattern.size());
  exchange.watchdog().arm(answer_limit);
  const auto began = std::chrono::steady_clock::now();
  auto reply = co_await endpoint(call);
  doors.context.requests->note(std::chrono::steady_clock::now() - began);
  exchange.watchdog().disarm();
  if (!reply) co_return;
  (void)co_await exchange.reply(*std::move(reply));
}

void add_endpoint(http::Router& router, const Doors& doors, const std::string& pattern, Access access,
                  Endpoint endpoint, std::uint64_t most_body = body_limit) {
  http::Handler handler = [doors, pattern, endpoint](http::Exchange& exchange) {
    return serve(doors, pattern, endpoint, exchange);
  };
  router.add(pattern, access, std::move(handler), most_body);
}

// `metrics off` closes it on this port, whatever the exporter's port offers.
Answer metrics_too(Call& call) {
  if (!call.config().http_api.metrics) co_return error(call, code::exporter_disabled);
  co_return co_await metrics(call);
}

}  // namespace

void add_metrics(http::Router& router, const Context& context, hub::Hub& hub) {
  add_endpoint(router, {context, hub}, "/metrics", Access::metrics, metrics);
}

void add_page_streams(http::Router& router, const Context& context, hub::Hub& hub) {
  add_endpoint(router, {context, hub}, "/streams.json", Access::page_streams, page_streams);
}

void add_routes(http::Router& router, const Context& context, hub::Hub& hub, Mount mount) {
  const Doors doors{context, hub};
  // A slash at the end makes no difference to who asks: SRS has it, people leave it out.
  const auto add = [&](const std::string& pattern, Access access, Endpoint endpoint,
                       std::uint64_t most_body = body_limit) {
    add_endpoint(router, doors, pattern, access, endpoint, most_body);
    if (!pattern.ends_with('/') || pattern == "/") return;
    add_endpoint(router, doors, pattern.substr(0, pattern.size() - 1), access, endpoint, most_body);
  };
  if (mount == Mount::own_port) add("/", Access::api_root, root);
  add("/api/", Access::api_open, api);
  add("/api/v1/", Access::api_open, api_v1);
  add("/api/v1/versions", Access::api_open, versions);
  add("/api/v1/summaries", Access::api, summaries);
  add("/api/v1/rusages", Access::api, rusages);
  add("/api/v1/self_proc_stats", Access::api, self_proc_stats);
  add("/api/v1/system_proc_stats", Access::api, system_proc_stats);
  add("/api/v1/meminfos", Access::api, meminfos);
  add("/api/v1/authors", Access::api_open, authors);
  add("/api/v1/features", Access::api_open, features);
  add("/api/v1/vhosts/", Access::api, vhosts);
  add("/api/v1/streams/", Access::api_streams, streams);
  add("/api/v1/clients/", Access::api, clients);
  add("/api/v1/dvrs/", Access::api, dvrs);
  add("/api/v1/recordings/", Access::api, recordings);
  add("/api/v1/forwards/", Access::api, forwards);
  add("/api/v1/sources/", Access::api, sources);
  add("/api/v1/programs/", Access::api, programs);
  add("/api/v1/overlay/", Access::api, overlay);
  add("/api/v1/variables/", Access::api, variables);
  add("/api/v1/raw", Access::api_command, raw);
  add("/api/v1/logs", Access::api, logs);
  add("/api/v1/config", Access::api, running_config);
  add("/api/v1/config/changes", Access::api, config_changes);
  add("/api/v1/config/check", Access::api, config_check, edit::largest);
  add("/api/v1/config/file/", Access::api_command, config_file, edit::largest);  // reading it tells secrets
  add("/api/v1/clusters", Access::api, clusters);
  add("/api/v1/balance", Access::media, balance);
  add("/api/v1/cluster", Access::api, cluster_nodes);
  add("/api/v1/drain", Access::api, drain);
  add("/api/v1/srt_servers/", Access::api, srt_servers);
  add("/api/v1/openapi.json", Access::api_open, openapi);
  add("/api/v1/tests/requests", Access::api_open, test_requests);
  add("/api/v1/tests/errors", Access::api_open, test_errors);
  add("/api/v1/tests/redirects", Access::api_open, test_redirects);
  add("error.srs.com/api/v1/tests/errors", Access::api_open, test_errors);
  add("/gb/v1/devices/", Access::api, gb_devices);
  add("/gb/v1/uppers/", Access::api, gb_uppers);
  add("/gb/v1/publish/", Access::api, gb_publish);
  add("/gb/v1/media/", Access::api, gb_media);
  for (const char* path : {"/rtc/v1/", "/gb/v1/"}) add(path, Access::signalling, not_available);
  for (const char* name : {"perf", "tcmalloc", "valgrind", "signal"})
    add("/api/v1/" + std::string(name), Access::api, not_available);
  add("/metrics", Access::metrics, metrics_too);
  router.add(
      "/api/v1/events", Access::api, [doors](http::Exchange& exchange) { return serve_events(doors, exchange); },
      body_limit);
  add("/healthz", Access::health, healthz);
  add("/readyz", Access::health, readyz);
}

}  // namespace weir::api
