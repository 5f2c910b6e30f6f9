#pragma once

#include <memory>

#include "hub/hub.h"
#include "net/http/router.h"

namespace weir::session::live {

// Answers with a file of that path if there is one; false, without an answer, if there is none.
using ServeFile = std::function<net::Task<bool>(http::Exchange&)>;

// Live streams over HTTP and WebSocket on the paths that each virtual host's http_remux mounts: FLV, TS, MP4, AAC and
// MP3 for playing (GET), FLV for publishing (POST, PUT). A stream that nobody publishes gives way to a file of the same
// path, a recording for instance; without one its player waits where a stream may come, and gets 404 elsewhere. Per
// worker; the Hub outlives the router. The mounts are read at each request, so a reload applies at once.
void add_routes(http::Router& router, hub::Hub& hub, ServeFile file = {});

}  // namespace weir::session::live
