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
  using State = cluster::Readiness::State;
  const cluster::Readiness* const readiness = call.context.readiness;
  State state = readiness ? readiness->state() : State::ready;
  if (call.hub.draining()) state = State::leaving;
  const bool ready = state == State::ready, draining = state == State::draining || state == State::leaving;
  ordered_json body{{"ready", ready}, {"draining", draining}};
  if (!ready) body["reason"] = name_of(state);
  co_return json(call, body, ready ? 200 : 503);
}

}  // namespace weir::api
