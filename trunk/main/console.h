#pragma once

#include "hub/hub.h"
#include "net/blocking_pool.h"
#include "net/http/router.h"

namespace weir::server {

// The operator's page at /console/ of the API's port. What is passed outlives the router.
void add_console(http::Router& router, hub::Hub& hub, net::BlockingPool& files);
// On the HTTP server's port, where the API has another: /console/ leads there.
void add_way_to_console(http::Router& router, hub::Hub& hub);

}  // namespace weir::server
