#pragma once

#include <optional>
#include <string>

#include "net/http/exchange.h"
#include "session/hls/service.h"

namespace weir::session::hls {

// A file of HLS that is the origin's (`hls_relay on`).
struct RelayedFile {
  ListingRef listing;  // of its stream: who plays what; its place is that of no file
  Relay::Query query;
};
// None: this host relays no HLS, or the path is none of it.
std::optional<RelayedFile> relayed_of(Service& service, const http::Request& request);

// Who plays is judged here as any player of HLS is; what he gets are the origin's bytes.
net::Task<void> serve_relayed(Service& service, http::Exchange& exchange, RelayedFile file);

}  // namespace weir::session::hls
