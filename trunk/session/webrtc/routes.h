#pragma once

#include "net/http/router.h"
#include "session/webrtc/service.h"

namespace weir::session::webrtc {

// WHIP and WHEP (RFC 9725 and its draft for playing): /rtc/v1/whip/?app=&stream=, /rtc/v1/whep/, /rtc/v1/whip-play/,
// and /APP/STREAM/whip and /whep; below each of them, by a secret, the sessions that were begun there. Per worker.
void add_routes(http::Router& router, Service& service);

}  // namespace weir::session::webrtc
