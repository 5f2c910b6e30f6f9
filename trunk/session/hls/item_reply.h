#pragma once

#include "net/http/exchange.h"
#include "session/hls/asker.h"
#include "session/hls/service.h"

namespace weir::session::hls {

// Answers with a segment, part, initialisation or key: conditions, ranges, and who was sent it.
net::Task<void> send_item(Service& service, http::Exchange& exchange, ItemRef item, Asker asker);

}  // namespace weir::session::hls
