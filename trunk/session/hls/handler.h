#pragma once

#include "net/http/router.h"
#include "session/hls/service.h"

namespace weir::session::hls {

// Playlists, manifests, segments, parts and keys of the streams that this worker knows of; whatever else is asked for
// is left to the static files. The Service outlives the router.
void add_routes(http::Router& router, Service& service);

}  // namespace weir::session::hls
