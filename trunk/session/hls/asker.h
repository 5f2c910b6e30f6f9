#pragma once

#include <string>

#include "net/http/exchange.h"
#include "session/hls/service.h"

namespace weir::session::hls {

// Who asks for a segment, and whether the answer is for no one else.
struct Asker {
  std::string id;  // of the session; empty: none
  bool alone = false;
};

// Whether the file of the listing with that place may be given to who asks for it; if not, the request was refused.
// Where the virtual host is guarded, that takes a session of this listing; where it is not, one that was kicked is
// refused, and whoever says no id gets it.
net::Task<bool> may_have(Service& service, http::Exchange& exchange, std::string listing_place, Asker& asker);

// The id of a player that has none, of DASH or with hls_ctx off: of its address and name and, where it had to show
// something to be let in, of what it showed. Nobody else can tell it. `visited` is Listing::visited().
std::string likeness(Service& service, http::Exchange& exchange, const std::string& visited);

// Another server asks, for players of its own: its answer carries no id of a session, so that all of them get the same.
// Where addresses have to carry one there is no such answer.
bool asks_for_others(Service& service, const http::Exchange& exchange);

// The rule for caches of what only its asker may keep, and for as long.
std::string private_rule(const std::string& rule);

net::Task<void> refuse(http::Exchange& exchange, int status, std::string text);
// Who was not let in: 302 where the stream is elsewhere, 404 for what cannot be, 503 for a limit, else 403.
net::Task<void> refuse(http::Exchange& exchange, hub::Refusal refusal);
// SRS's words.
net::Task<void> refuse_kicked(http::Exchange& exchange, const std::string& id);

}  // namespace weir::session::hls
