#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "app/api/call.h"
#include "app/stats/ask.h"

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
