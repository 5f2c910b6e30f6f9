#pragma once

#include "hub/hub.h"
#include "net/http/router.h"

namespace weir::server {

// /endpoints.json, by which the page at / learns the ports that it cannot see: {"rtmp":1935,"rtmps":443,"api":1985,
// "apis":1990}. Members of what is off are left out, and those of an API on the page's own port.
void add_page_routes(http::Router& router, hub::Hub& hub);

}  // namespace weir::server
