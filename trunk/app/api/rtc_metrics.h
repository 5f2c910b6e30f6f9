#pragma once

#include "app/api/exposition.h"
#include "session/webrtc/figures.h"

namespace weir::api {

// What /metrics says of WebRTC.
void write_rtc(Exposition& out, const session::webrtc::Figures& figures);

}  // namespace weir::api
