#include "app/api/call.h"
#include "app/api/error.h"
#include "app/api/program_totals.h"
#include "app/stats/ask.h"

namespace weir::api {

namespace {

using ffmpeg::Row;
using ffmpeg::Totals;

}  // namespace

net::Task<base::Result<Totals>> program_totals(Call& call) {
  Totals sum;
  if (call.context.programs.empty() || !call.context.workers) co_return sum;
  std::function<Totals(net::Worker&)> collect = [&services = call.context.programs](net::Worker& worker) {
    return services[static_cast<std::size_t>(worker.index())]->totals();
  };
  CO_TRY(const auto all, co_await stats::ask_all<Totals>(*call.context.workers, call.home(), std::move(collect)));
  for (const Totals& one : all) {
    sum.running += one.running;
    sum.waiting += one.waiting;
    sum.starts += one.starts;
    sum.refused += one.refused;
  }
  co_return sum;
}

// beyond SRS
Answer programs(Call& call) {
  if (!call.rest.empty()) co_return error(call, 404, 404);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  std::vector<std::vector<Row>> all;
  if (call.context.workers && !call.context.programs.empty()) {
    std::function<std::vector<Row>(net::Worker&)> collect = [&services = call.context.programs](net::Worker& worker) {
      return services[static_cast<std::size_t>(worker.index())]->rows();
    };
    CO_TRY(all, co_await stats::ask_all<std::vector<Row>>(*call.context.workers, call.home(), std::move(collect)));
  }
  JsonWriter out;
  VhostIds vhosts(call);
  out.begin_array("programs");
  for (const auto& rows : all) {
    for (const Row& row : rows) {
      out.begin_object()
          .field("name", row.name)
          .field("vhost", vhosts.of(row.vhost))
          .field("running", row.running)
          .field("starts", row.starts)
          .field("error", row.fault)
          .end_object();
    }
  }
  out.end_array();
  co_return ok(call, out);
}

}  // namespace weir::api
