#pragma once

#include <vector>

#include "app/snapshot/service.h"
#include "net/http/router.h"
#include "net/worker_pool.h"
#include "session/live/routes.h"

namespace weir::snapshot {

// What the routes of all workers share: filled in before the workers start.
struct Shared {
  Figures figures;
  net::WorkerPool* workers = nullptr;
  std::vector<Service*> services{};  // one for each worker
};

// "/APP/STREAM.jpg" where the virtual host has `snapshot { enabled on; }`: a picture of the stream for whoever may play
// it, as a visit of that stream. Where nobody publishes it a file of that path, if there is one (`file`), else 404; 503
// with Retry-After while there is no key frame, or too many wait. Per worker; the Hub outlives the router.
void add_routes(http::Router& router, hub::Hub& hub, const Shared& shared, session::live::ServeFile file);

}  // namespace weir::snapshot
