#pragma once

#include "config/config.h"
#include "net/srt/options.h"

namespace weir::session::srt {

// What a server of the configuration asks of libsrt.
net::SrtOptions options_of(const config::SrtServer& server);

}  // namespace weir::session::srt
