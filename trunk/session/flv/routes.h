#pragma once

#include <memory>

#include "hub/hub.h"
#include "net/http/router.h"

namespace weir::session::flv {

// HTTP-FLV and WebSocket-FLV on the paths that each virtual host's http_remux mounts, for playing (GET) and publishing
// (POST, PUT). Per worker; the Hub outlives the router. The mounts are read at each request, so a reload applies at
// once.
void add_routes(http::Router& router, hub::Hub& hub);

}  // namespace weir::session::flv
