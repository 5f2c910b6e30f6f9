#include "app/api/call.h"
#include "app/api/error.h"
#include "app/api/forward_totals.h"
#include "app/stats/ask.h"

namespace weir::api {

namespace {

using session::forward::Row;
using session::forward::Totals;

void write(JsonWriter& out, VhostIds& vhosts, const Row& row) {
  out.begin_object()
      .field("id", row.id)
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("stream", row.stream)
      .field("target", row.target)
      .field("state", name_of(row.state))
      .field("state_seconds", row.state_seconds)
      .field("next_try_seconds", row.next_try_seconds)
      .field("behind_seconds", row.behind_seconds)
      .field("attempts", row.work.attempts)
      .field("failures", row.work.failures)
      .field("skips", row.work.skips)
      .field("send_bytes", row.work.bytes)
      .field("error", row.error)
      .end_object();
}

}  // namespace

net::Task<base::Result<Totals>> forward_totals(Call& call) {
  Totals sum;
  if (call.context.forwards.empty() || !call.context.workers) co_return sum;
  std::function<Totals(net::Worker&)> collect = [&services = call.context.forwards](net::Worker& worker) {
    return services[static_cast<std::size_t>(worker.index())]->totals();
  };
  CO_TRY(const auto all, co_await stats::ask_all<Totals>(*call.context.workers, call.home(), std::move(collect)));
  for (const Totals& one : all) {
    for (std::size_t i = 0; i < session::forward::state_count; ++i) sum.in_state[i] += one.in_state[i];
    sum.work += one.work;
  }
  co_return sum;
}

// beyond SRS
Answer forwards(Call& call) {
  if (!call.rest.empty()) co_return error(call, 404, 404);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  const stats::Filter filter = filter_of(call.request);
  std::vector<std::vector<Row>> all;
  if (call.context.workers && !call.context.forwards.empty()) {
    std::function<std::vector<Row>(net::Worker&)> collect = [&services = call.context.forwards,
                                                             filter](net::Worker& worker) {
      std::vector<Row> rows = services[static_cast<std::size_t>(worker.index())]->rows();
      std::erase_if(rows, [&](const Row& row) { return !filter.admits_stream(row.vhost, row.app, row.stream); });
      return rows;
    };
    CO_TRY(all, co_await stats::ask_all<std::vector<Row>>(*call.context.workers, call.home(), std::move(collect)));
  }
  JsonWriter out;
  VhostIds vhosts(call);
  out.begin_array("forwards");
  for (const auto& rows : all) {
    for (const Row& row : rows) write(out, vhosts, row);
  }
  out.end_array();
  co_return ok(call, out);
}

}  // namespace weir::api
