#pragma once

#include <optional>
#include <string>

#include "net/http/exchange.h"
#include "session/hls/service.h"

namespace weir::session::hls {

// A playlist or manifest of a stream that nobody publishes here, and that may be brought, or is elsewhere.
struct Absent {
  ListingRef listing;  // all of it but its text: what it will be called
  std::string place;
};
// None: it is there, names no playlist, or nobody would bring it.
std::optional<Absent> absent_of(Service& service, const http::Request& request);

// Lets the player in, has the stream brought, and waits for its listing, for a bounded time. Null: the request was
// answered, by 302 where the stream is elsewhere, 404 or 503 and why. `visitor` is the session that was begun for this
// player.
net::Task<ListingRef> bring(Service& service, http::Exchange& exchange, Absent absent, std::string& visitor);

}  // namespace weir::session::hls
