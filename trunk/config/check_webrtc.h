#pragma once

#include "config/binder.h"
#include "config/config.h"

namespace weir::config {

// What of rtc_server can be seen to be wrong without asking anybody.
void check_webrtc(const Config& config, Binder& binder, Problems& problems);

}  // namespace weir::config
