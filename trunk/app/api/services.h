#pragma once

#include <algorithm>
#include <functional>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include "app/api/error.h"
#include "app/api/list.h"
#include "app/stats/ask.h"
#include "base/log.h"

// What services say of which each worker has one: the endpoints over forwards, sources, programs and recordings.
namespace weir::api {

// What `say` has of each worker's service, in the order of workers; nothing where there are none. `say` is copied to
// every worker and called there. An error as in Answer.
template <class T, class Service>
net::Task<base::Result<std::vector<T>>> of_services(Call& call, const std::vector<Service*>& services,
                                                    std::function<T(const Service&)> say) {
  if (services.empty() || !call.context.workers) co_return std::vector<T>();
  std::function<T(net::Worker&)> collect = [&services, say = std::move(say)](net::Worker& worker) {
    return say(*services[static_cast<std::size_t>(worker.index())]);
  };
  co_return co_await stats::ask_all<T>(*call.context.workers, call.home(), std::move(collect));
}

// Rows of streams by their streams, and places of one stream by what they are, whichever worker has them; else as they
// stand in `rows`.
template <class Row>
std::vector<const Row*> in_order(const std::vector<Row>& rows) {
  std::vector<const Row*> order;
  order.reserve(rows.size());
  for (const Row& row : rows) order.push_back(&row);
  if constexpr (requires(const Row& row) { row.stream; }) {
    std::ranges::sort(order, [](const Row* one, const Row* other) {
      const auto streams =
          std::tie(one->vhost, one->app, one->stream) <=> std::tie(other->vhost, other->app, other->stream);
      if (streams != 0) return streams < 0;
      if constexpr (requires(const Row& row) { row.target; }) {
        const auto places = std::tie(one->target, one->name) <=> std::tie(other->target, other->name);
        if (places != 0) return places < 0;
      }
      return one < other;
    });
  }
  return order;
}

// The answer of an endpoint that lists what they all have: the rows that the query's filter admits, sorted, each by
// `write`.
template <class Service, class Row>
Answer list_rows(Call& call, const std::vector<Service*>& services, std::string_view name,
                 void (*write)(JsonWriter&, VhostIds&, const Row&)) {
  if (!call.rest.empty()) co_return error(call, 404, 404);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  std::function<std::vector<Row>(const Service&)> say = [filter = filter_of(call.request)](const Service& service) {
    std::vector<Row> rows = service.rows();
    if constexpr (requires(const Row& row) { row.stream; }) {
      std::erase_if(rows, [&](const Row& row) { return !filter.admits_stream(row.vhost, row.app, row.stream); });
    }
    return rows;
  };
  CO_TRY(const auto all, co_await of_services(call, services, std::move(say)));
  std::vector<Row> rows;
  for (const auto& some : all) rows.insert(rows.end(), some.begin(), some.end());
  JsonWriter out;
  VhostIds vhosts(call);
  co_await write_list(out, name, rows, [&](JsonWriter& to, const Row& row) { write(to, vhosts, row); });
  co_return ok(call, out);
}

// A command to one of what they have of a stream, by its `name` in the query, or to all of it; on whichever worker that
// is. `all` is what these are called.
template <class Service, class Command>
Answer command_services(Call& call, const std::vector<Service*>& services, Command what, std::string_view all) {
  const auto vhost = call.config().match_vhost(call.request.query_value("vhost").value_or(config::default_vhost_name));
  if (!vhost) co_return error(call, code::no_vhost);
  const base::StreamKey key{vhost->name, call.request.query_value("app").value_or(""),
                            call.request.query_value("stream").value_or("")};
  const std::string name = call.request.query_value("name").value_or("");
  if (!call.context.workers || services.empty()) co_return error(call, code::no_stream);
  std::function<std::size_t(net::Worker&)> work = [&services, what, key, name](net::Worker& worker) {
    return services[static_cast<std::size_t>(worker.index())]->command(what, key, name);
  };
  CO_TRY(const auto counts, co_await stats::ask_all<std::size_t>(*call.context.workers, call.home(), std::move(work)));
  if (std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == 0) co_return error(call, code::no_stream);
  log::info({call.hub.worker().logger(), {}, {}}, "API: {} {} of {}", call.rest, name.empty() ? all : name,
            key.display());
  co_return ok(call, JsonWriter());
}

// The sum of what they count.
template <class Service>
auto totals_of(Call& call, const std::vector<Service*>& services)
    -> net::Task<base::Result<decltype(services.front()->totals())>> {
  using Totals = decltype(services.front()->totals());
  std::function<Totals(const Service&)> say = [](const Service& service) { return service.totals(); };
  CO_TRY(const auto all, co_await of_services<Totals>(call, services, std::move(say)));
  Totals sum;
  for (const Totals& one : all) sum += one;
  co_return sum;
}

}  // namespace weir::api
