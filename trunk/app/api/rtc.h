#pragma once

#include "app/api/context.h"
#include "session/webrtc/service.h"

namespace weir::api {

// SRS's own signalling of WebRTC, JSON over POST: /rtc/v1/publish/ and /rtc/v1/play/. Per worker.
void add_rtc_routes(http::Router& router, const Context& context, session::webrtc::Service& service);

}  // namespace weir::api
