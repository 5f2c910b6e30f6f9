#pragma once

#include "net/http/exchange.h"

namespace weir::http {

// Answers with bytes in memory: the whole, the part that Range asks for (206, 416), or 304 by the entity tag. `reply`
// has them in `shared`, and its headers with ETag and Cache-Control. How many went out; an error as of reply().
net::Task<base::Result<std::size_t>> send_bytes(Exchange& exchange, Reply reply);

}  // namespace weir::http
