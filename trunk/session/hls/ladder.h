#pragma once

#include <vector>

#include "net/http/exchange.h"
#include "session/hls/page.h"

namespace weir::session::hls {

class Service;

// Streams that are renditions of one by their names, as "cam_720" and "cam_480" of "cam" (hls_ladder): the playlist of
// that one names them all, and a player chooses. They are published each by itself, by an encoder or by transcode.

// Those that are there, in the order in which they are configured, and then the stream itself: if this request is for
// the playlist of them all, which names no session. Empty: it is not.
std::vector<ListingRef> ladder_of(Service& service, const http::Request& request);

// Answers with that playlist. Each rendition is another session, which begins when its own playlist is asked for: there
// it is judged who may play it.
net::Task<void> send_ladder(http::Exchange& exchange, std::vector<ListingRef> renditions);

}  // namespace weir::session::hls
