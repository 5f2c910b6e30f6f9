#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/auth/access.h"
#include "app/hooks/hooks.h"

namespace weir::server {

// Who may come in, on every worker: limits, addresses, pages and tokens first, then the hooks, which wait. The order of
// the members is the order in which a session is asked.
class Guards {
 public:
  // Before the workers start; lives until they have stopped.
  Guards(const hub::Hub::Peers& hubs, const hooks::Origin& origin) {
    for (hub::Hub* hub : hubs) each_.push_back(std::make_unique<OfWorker>(*hub, *this, origin));
  }

  hooks::Hooks& hooks_of(std::size_t worker) { return each_[worker]->hooks; }

  auth::Quotas quotas;
  auth::Figures auth_figures;
  hooks::Figures hook_figures;

 private:
  struct OfWorker {
    OfWorker(hub::Hub& hub, Guards& guards, const hooks::Origin& origin)
        : access(hub, guards.quotas, guards.auth_figures),
          watch(hub, guards.quotas, guards.auth_figures),
          hooks(hub, origin, guards.hook_figures) {}
    auth::Access access;
    auth::PublisherWatch watch;
    hooks::Hooks hooks;
  };
  std::vector<std::unique_ptr<OfWorker>> each_;
};

}  // namespace weir::server
