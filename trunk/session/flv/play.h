#pragma once

#include "hub/hub.h"
#include "net/http/exchange.h"
#include "net/task.h"

namespace weir::session::flv {

// Answers a GET with the live stream, from the newest key frame to its end; by WebSocket if the request upgrades.
net::Task<void> play(hub::Hub& hub, http::Exchange& exchange);
// Publishes the body of a POST or PUT.
net::Task<void> publish(hub::Hub& hub, http::Exchange& exchange);

// The request to the Hub that an HTTP request makes; what they have in common.
base::Result<hub::Request> identify(hub::Hub& hub, http::Exchange& exchange, std::string type);
// 404 for a stream that cannot be, 403 for a refusal, 409 for a busy one, 503 for a limit.
int status_of(base::ErrorCode error);

}  // namespace weir::session::flv
