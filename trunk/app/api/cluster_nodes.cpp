#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"
#include "app/registry/registry.h"
#include "app/stats/ask.h"

// The servers that find one another in the registry, as this one sees them.
namespace weir::api {

using nlohmann::ordered_json;

namespace {

ordered_json json_of(const cluster::Node& node, const std::string& own) {
  return {{"name", node.name},
          {"self", node.name == own},
          {"host", node.at.host},
          {"rtmp", node.at.rtmp_port},
          {"http", node.at.http_port},
          {"srt", node.srt_port},
          {"api", node.api_port},
          {"region", node.region},
          {"draining", node.draining},
          {"cpu", node.cpu},
          {"memory", node.memory},
          {"sent_mbps", node.sent_mbps},
          {"capacity_mbps", node.capacity_mbps},
          {"streams", node.streams},
          {"clients", node.clients}};
}

}  // namespace

Answer cluster_nodes(Call& call) {
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  registry::Registry* const own = call.context.registry;
  if (!own) {
    co_return ok(call, ordered_json{{"cluster", {{"engine", "off"}}}});
  }
  std::function<registry::Registry::State()> look = [own] { return own->state(); };
  CO_TRY(const auto state, co_await stats::ask<registry::Registry::State>(call.home(), own->worker(), std::move(look)));
  ordered_json nodes = ordered_json::array(), streams = ordered_json::array();
  for (const cluster::Node& node : state.nodes) nodes.push_back(json_of(node, state.node));
  for (const auto& claim : state.claims) {
    streams.push_back({{"stream", claim.key}, {"epoch", claim.epoch}, {"sure", claim.sure}});
  }
  co_return ok(call, ordered_json{{"cluster",
                                   {{"engine", "redis"},
                                    {"prefix", state.prefix},
                                    {"address", state.address},
                                    {"connected", state.connected},
                                    {"fault", state.fault},
                                    {"node", state.node},
                                    {"instance", state.instance},
                                    {"nodes", nodes},
                                    {"streams_total", state.claim_count},
                                    {"streams", streams}}}});
}

}  // namespace weir::api
