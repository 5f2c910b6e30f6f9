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
