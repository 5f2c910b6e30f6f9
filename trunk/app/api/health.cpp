#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "net/deadline.h"

namespace weir::api {

using nlohmann::ordered_json;

// Alive: every worker's loop turns. One that hangs is a reason to start the process anew.
Answer healthz(Call& call) {
  constexpr std::chrono::seconds patience{3};
  auto answers = co_await net::deadline(patience, call.context.statistics.workers(call.home()));
  if (answers.has_error() && answers.error() != net::Errc::timed_out) co_return answers.error();
  const bool alive = answers.has_value();
  co_return json(call, ordered_json{{"status", alive ? "ok" : "a worker does not answer"}}, alive ? 200 : 503);
}

// Ready: new sessions are welcome. What a load balancer asks.
Answer readyz(Call& call) {
  const bool draining = call.hub.draining() || (call.context.leaving && call.context.leaving());
  co_return json(call, ordered_json{{"ready", !draining}, {"draining", draining}}, draining ? 503 : 200);
}

}  // namespace weir::api
