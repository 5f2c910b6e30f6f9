#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"

namespace weir::api {

using nlohmann::ordered_json;

namespace {

ordered_json vhost_json(const Call& call, const stats::VhostRow& row) {
  const auto settings = call.config().match_vhost(row.name);
  const bool exists = settings && settings->name == row.name;  // a reload may have taken it away
  ordered_json hls{{"enabled", exists && settings->hls.enabled}};
  if (exists && settings->hls.enabled) {
    hls["fragment"] = std::chrono::duration<double>(settings->hls.fragment).count();
  }
  return {{"id", call.context.statistics.vhost_id(row.name)},
          {"name", row.name},
          {"enabled", exists},
          {"clients", row.clients},
          {"streams", row.streams},
          {"send_bytes", row.traffic.sent_bytes},
          {"recv_bytes", row.traffic.received_bytes},
          {"kbps", kbps_of(row.traffic)},
          {"hls", std::move(hls)}};
}

}  // namespace

Answer vhosts(Call& call) {
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  CO_TRY(const auto rows, co_await call.context.statistics.vhosts(call.home()));
  if (!call.rest.empty()) {
    for (const auto& row : rows) {
      if (call.context.statistics.vhost_id(row.name) != call.rest) continue;
      co_return ok(call, ordered_json{{"vhost", vhost_json(call, row)}});
    }
    co_return error(call, code::no_vhost);
  }
  ordered_json list = ordered_json::array();
  for (const auto& row : rows) list.push_back(vhost_json(call, row));
  co_return ok(call, ordered_json{{"vhosts", std::move(list)}});
}

}  // namespace weir::api
