#include "config/variables.h"

#include "app/api/changes.h"
#include "app/api/error.h"
#include "app/api/list.h"
#include "base/redact.h"

namespace weir::api {

namespace {

using config::Variable;

// The value is in none of it.
void write(JsonWriter& out, const Call& call, const Variable& variable) {
  const bool commanded = variable.from == Variable::From::command;
  out.begin_object()
      .field("name", variable.name)
      .field("from", name_of(variable.from))
      .field("added", variable.from == Variable::From::api)
      .field("at", variable.at)
      .field("known", variable.known)
      .field("command", commanded ? base::shown(variable.command) : std::string());
  const auto state =
      commanded && call.context.variables ? call.context.variables->state(variable) : exec::VariableCommands::State();
  const auto now = exec::VariableCommands::Clock::now();
  out.field("every_seconds", commanded ? std::chrono::duration<double>(variable.every).count() : 0.0)
      .field("said_seconds", state.known ? std::chrono::duration<double>(now - state.since).count() : 0.0)
      .field("runs", state.runs)
      .field("failures", state.failures)
      .field("error", state.fault)
      .end_object();
}

}  // namespace

// beyond SRS
Answer variables(Call& call) {
  if (call.jsonp.method == "POST" && call.rest.empty()) co_return co_await set_variable(call);
  if (call.jsonp.method == "DELETE") co_return co_await remove_entry(call, "variable");
  if (!call.reads()) co_return method_not_allowed("GET, HEAD, POST, DELETE");
  if (!call.rest.empty()) co_return error(call, 404, 404);
  JsonWriter out;
  co_await write_list(out, "variables", call.config().variables,
                      [&](JsonWriter& to, const Variable& one) { write(to, call, one); });
  co_return ok(call, out);
}

}  // namespace weir::api
