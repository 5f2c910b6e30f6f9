#pragma once

#include <functional>

#include "hub/hub.h"
#include "net/http/exchange.h"
#include "net/task.h"
#include "pack/formats.h"
#include "session/common/protocol.h"

namespace weir::session::live {

// Answers a GET with the live stream, from the newest key frame to its end; by WebSocket if the request upgrades. With
// 406 if no track of the stream has a place in the format, with 404 if nobody publishes it and it is not waited for
// (may_wait). `file` as in add_routes(); held by the caller.
net::Task<void> play(hub::Hub& hub, http::Exchange& exchange, pack::Live live,
                     const std::function<net::Task<bool>(http::Exchange&)>& file);
// Publishes the body of a POST or PUT.
net::Task<void> publish(hub::Hub& hub, http::Exchange& exchange);

// The request to the Hub that an HTTP request makes; what they have in common.
base::Result<hub::Request> identify(hub::Hub& hub, http::Exchange& exchange, const Protocol& protocol);
// Answers that it may not, or where it may.
net::Task<void> refuse(http::Exchange& exchange, hub::Refusal refusal);
// 404 for a stream that cannot be, 406 for a format that carries none of it, 403 for a refusal, 409 for a busy one, 503
// for a limit.
int status_of(base::ErrorCode error);

}  // namespace weir::session::live
