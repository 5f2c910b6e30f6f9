#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"

namespace weir::api {

using nlohmann::ordered_json;

namespace {

http::Reply describe(const Call& call) {
  const config::HttpApi& api = call.config().http_api;
  const ordered_json raw_api{{"enabled", api.raw_api.enabled},
                             {"allow_reload", api.raw_api.allow_reload},
                             {"allow_query", false},  // SRS removed both; their clients still look
                             {"allow_update", false}};
  std::string listen;
  for (const config::Endpoint& endpoint : api.listen) listen += (listen.empty() ? "" : " ") + config::to_text(endpoint);
  const ordered_json http_api{
      {"enabled", api.enabled}, {"listen", listen}, {"crossdomain", api.crossdomain}, {"raw_api", raw_api}};
  return json(call, ordered_json{{"code", 0}, {"http_api", http_api}});
}

}  // namespace

Answer raw(Call& call) {
  const config::HttpApi::RawApi& settings = call.config().http_api.raw_api;
  const std::string rpc = call.request.query_value("rpc").value_or("");
  if (rpc == "raw") co_return describe(call);
  if (!settings.enabled) co_return error(call, code::raw_disabled);
  if (rpc == "reload") {
    if (!settings.allow_reload || !call.context.request_reload) co_return error(call, code::raw_disabled);
    call.context.request_reload();
    co_return error(call, 0);
  }
  if (rpc == "reload-fetch") {
    ReloadState state{.message = "Success", .state = 0};
    if (call.context.reload_state) state = call.context.reload_state();
    const ordered_json data{{"err", state.error}, {"msg", state.message}, {"state", state.state}, {"rid", state.id}};
    co_return json(call, ordered_json{{"code", 0}, {"data", data}});
  }
  co_return error(call, code::raw_unknown);
}

}  // namespace weir::api
