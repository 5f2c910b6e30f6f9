#include "app/api/cluster_metrics.h"

namespace weir::api {

void write_cluster(Exposition& out, const cluster::Figures& figures) {
  const auto count = [&out](const char* name, const char* help) { out.metric(name, "counter", help); };
  count("weir_coworkers_asked_total", "Questions to coworkers about a stream.");
  out.sample(figures.asked.load());
  count("weir_coworkers_failed_total", "Of these: those without an answer that can be read, by why.");
  out.sample(figures.unanswered.load(), {{"why", "unanswered"}});
  out.sample(figures.malformed.load(), {{"why", "malformed"}});
  count("weir_cluster_players_total", "Players of streams that are not here, by what they were told.");
  out.sample(figures.redirected.load(), {{"told", "redirected"}});
  out.sample(figures.not_found.load(), {{"told", "not_found"}});
  count("weir_cluster_loops_total", "Requests that had come through this server before.");
  out.sample(figures.loops.load());
  count("weir_token_traverse_total", "Clients of an edge, by what the origin said of them.");
  out.sample(figures.tokens_passed.load(), {{"verdict", "passed"}});
  out.sample(figures.tokens_refused.load(), {{"verdict", "refused"}});
  out.sample(figures.tokens_unjudged.load(), {{"verdict", "unreachable"}});
}

void write_registry(Exposition& out, const registry::Figures& figures) {
  const auto tell = [&out](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.metric(name, type, help);
    out.sample(value);
  };
  tell("weir_registry_connected", "gauge", "1: the registry of the cluster is there.",
       std::uint64_t{figures.connected.load()});
  tell("weir_registry_connects_total", "counter", "Connections to it that were made.", figures.connects.load());
  tell("weir_registry_failures_total", "counter", "Connections to it that were lost, or not made.",
       figures.failures.load());
  tell("weir_registry_questions_total", "counter", "What it was asked.", figures.asked.load());
  tell("weir_registry_refused_total", "counter", "Of these: refused, or answered with what cannot be read.",
       figures.failed.load());
  tell("weir_registry_answers_total", "counter", "Of these: answered.", figures.answers.load());
  tell("weir_registry_answer_seconds_total", "counter", "Time that those answers took.",
       static_cast<double>(figures.answer_us.load()) / 1e6);
  tell("weir_registry_claims", "gauge", "Streams that are this server's.", figures.claims.load());
  out.metric("weir_registry_claims_total", "counter", "Publishers who asked for a name in the cluster, by the answer.");
  out.sample(figures.granted.load(), {{"result", "granted"}});
  out.sample(figures.presumed.load(), {{"result", "presumed"}});
  out.sample(figures.denied.load(), {{"result", "denied"}});
  out.sample(figures.denied_gone.load(), {{"result", "registry_gone"}});
  tell("weir_registry_evicted_total", "counter", "Publishers here who lost their name to another server.",
       figures.evicted.load());
  out.metric("weir_registry_finds_total", "counter", "Streams that were looked for, by the answer.");
  out.sample(figures.found.load(), {{"result", "found"}});
  out.sample(figures.absent.load(), {{"result", "absent"}});
  out.sample(figures.presumed_found.load(), {{"result", "registry_gone"}});
  tell("weir_registry_moves_total", "counter", "Fetches that went on from another server.", figures.moved.load());
  tell("weir_registry_balanced_total", "counter", "Viewers who were told which server to go to.",
       figures.balanced.load());
  tell("weir_registry_followed", "gauge", "Streams of others that are watched.", figures.followed.load());
  tell("weir_registry_nodes", "gauge", "Servers of the cluster.", figures.nodes.load());
}

void write_readiness(Exposition& out, const cluster::Readiness& readiness) {
  out.metric("weir_ready", "gauge", "1: newcomers are welcome.");
  out.sample(std::uint64_t{readiness.ready()});
  out.metric("weir_draining", "gauge", "1: an operator has the server emptied.");
  out.sample(std::uint64_t{readiness.draining()});
  out.metric("weir_drained_total", "counter", "Newcomers who were not let in because of that, by what they were told.");
  for (const bool elsewhere : {true, false}) {
    const std::string_view told = elsewhere ? "elsewhere" : "away";
    out.sample(readiness.counted(hub::Action::play, elsewhere), {{"action", "play"}, {"told", told}});
    out.sample(readiness.counted(hub::Action::publish, elsewhere), {{"action", "publish"}, {"told", told}});
  }
}

}  // namespace weir::api
