#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"

// An operator has this server emptied, and filled again.
namespace weir::api {

using nlohmann::ordered_json;

Answer drain(Call& call) {
  cluster::Readiness* const readiness = call.context.readiness;
  if (!readiness) co_return error(call, code::not_available, code::not_available);
  const std::string_view method = call.jsonp.method;
  const bool begins = method == "POST", ends = method == "DELETE";
  if (!begins && !ends && !call.reads()) co_return method_not_allowed("GET, HEAD, POST, DELETE");
  if ((begins && readiness->drain()) || (ends && readiness->resume())) {
    const std::string who = call.exchange ? call.exchange->client_address() : std::string();
    log::info({call.home().logger(), {}, {}}, "{}, as {} asked",
              begins ? "draining: newcomers are sent elsewhere, whoever is here stays"
                     : "no longer draining: newcomers are welcome",
              who);
    if (call.context.events) call.context.events->tell_drain(begins);
  }
  // Read again: another operator may have been quicker.
  const std::int64_t since = readiness->draining_since_ms();
  CO_TRY(const auto workers, co_await call.context.statistics.workers(call.home()));
  std::uint64_t clients = 0;
  for (const stats::WorkerRow& row : workers) clients += row.clients;
  const auto turned_away = [&](hub::Action action) {
    return ordered_json{{"elsewhere", readiness->counted(action, true)}, {"away", readiness->counted(action, false)}};
  };
  co_return ok(call, ordered_json{{"draining", since != 0},
                                  {"since_ms", since},
                                  {"state", name_of(readiness->state())},
                                  {"clients", clients},
                                  {"players", turned_away(hub::Action::play)},
                                  {"publishers", turned_away(hub::Action::publish)}});
}

}  // namespace weir::api
