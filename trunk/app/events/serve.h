#pragma once

#include "app/events/board.h"
#include "net/http/exchange.h"

namespace weir::events {

// Answers with the stream of events until the peer leaves, is too slow, or the server stops. The exchange has a life.
// 503 when too many listen.
net::Task<void> serve(Board& board, const config::HttpApi::Events& settings, http::Exchange& exchange);

}  // namespace weir::events
