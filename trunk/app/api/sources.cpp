#include "app/api/call.h"
#include "app/api/error.h"
#include "app/api/services.h"

namespace weir::api {

namespace {

using session::pull::Row;
using session::pull::Service;

void write(JsonWriter& out, VhostIds& vhosts, const Row& row) {
  out.begin_object()
      .field("id", row.id)
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("stream", row.stream)
      .field("source", row.source)
      .field("on_demand", row.on_demand)
      .field("state", name_of(row.state))
      .field("state_seconds", row.state_seconds)
      .field("next_try_seconds", row.next_try_seconds)
      .field("attempts", row.work.attempts)
      .field("failures", row.work.failures)
      .field("recv_bytes", row.work.bytes)
      .field("error", row.error)
      .end_object();
}

}  // namespace

// beyond SRS
Answer sources(Call& call) {
  if (!call.rest.empty()) co_return error(call, 404, 404);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  const stats::Filter filter = filter_of(call.request);
  std::function<std::vector<Row>(const Service&)> say = [filter](const Service& service) {
    std::vector<Row> rows = service.rows();
    std::erase_if(rows, [&](const Row& row) { return !filter.admits_stream(row.vhost, row.app, row.stream); });
    return rows;
  };
  CO_TRY(const auto all, co_await of_services(call, call.context.pulls, std::move(say)));
  JsonWriter out;
  VhostIds vhosts(call);
  out.begin_array("sources");
  for (const auto& rows : all) {
    for (const Row& row : rows) write(out, vhosts, row);
  }
  out.end_array();
  co_return ok(call, out);
}

}  // namespace weir::api
