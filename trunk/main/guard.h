#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/auth/access.h"
#include "app/cluster/service.h"
#include "app/hooks/hooks.h"
#include "app/trace/tracer.h"

namespace weir::server {

// Who may come in, on every worker: limits, addresses, pages and tokens first, then the origins of a cluster and the
// hooks, which wait. The order of the members is the order in which a session is asked.
class Guards {
 public:
  // Before the workers start; lives until they have stopped.
  // `server` as in session/common/upstream/way.h; it outlives this.
  Guards(const hub::Hub::Peers& hubs, const std::string& server, const hooks::Origin& origin,
         cluster::Readiness& readiness) {
    for (hub::Hub* hub : hubs) each_.push_back(std::make_unique<OfWorker>(*hub, *this, server, origin, readiness));
  }

  hooks::Hooks& hooks_of(std::size_t worker) { return each_[worker]->hooks; }
  trace::Tracer& tracer_of(std::size_t worker) { return each_[worker]->tracer; }
  cluster::Service& cluster_of(std::size_t worker) { return each_[worker]->cluster; }

  auth::Quotas quotas;
  auth::Figures auth_figures;
  auth::KeySets key_sets{auth_figures};
  hooks::Figures hook_figures;
  cluster::Figures cluster_figures;
  trace::Figures trace_figures;

 private:
  struct OfWorker {
    OfWorker(hub::Hub& hub, Guards& guards, const std::string& server, const hooks::Origin& origin,
             cluster::Readiness& readiness)
        : access(hub, guards.quotas, guards.key_sets, guards.auth_figures),
          watch(hub, guards.quotas, guards.auth_figures),
          cluster(hub, server, guards.cluster_figures, readiness),
          hooks(hub, origin, guards.hook_figures),
          tracer(hub, origin.service_id, guards.trace_figures) {
      hooks.trace_by(tracer);
    }
    auth::Access access;
    auth::PublisherWatch watch;
    cluster::Service cluster;
    hooks::Hooks hooks;
    trace::Tracer tracer;  // hears of an end after the hooks, whose calls about it are below the session's span
  };
  std::vector<std::unique_ptr<OfWorker>> each_;
};

}  // namespace weir::server
