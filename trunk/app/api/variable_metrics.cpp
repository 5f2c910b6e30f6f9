#include "app/api/variable_metrics.h"

namespace weir::api {

void write_variables(Exposition& out, const config::Config& config, const exec::VariableCommands& commands) {
  std::uint64_t runs = 0, failures = 0, unknown = 0;
  for (const config::Variable& variable : config.variables) {
    if (variable.from != config::Variable::From::command) continue;
    const auto state = commands.state(variable);
    runs += state.runs;
    failures += state.failures;
    unknown += state.known ? 0 : 1;
  }
  out.metric("weir_variables_unknown", "gauge", "Variables whose command has said nothing yet: what names them waits.");
  out.sample(unknown);
  out.metric("weir_variable_runs_total", "counter", "Runs of commands of variables.");
  out.sample(runs);
  out.metric("weir_variable_failures_total", "counter", "Those that failed.");
  out.sample(failures);
}

}  // namespace weir::api
