#pragma once

#include <string>

#include "base/result.h"
#include "config/config.h"
#include "hub/request.h"
#include "proto/stream_url.h"

namespace weir::session {

// Which stream of which virtual host a client means, as a request to the Hub. hub::Errc::no_vhost, no_stream_name.
base::Result<hub::Request> identify(const proto::StreamUrl& url, const config::Config& config);

}  // namespace weir::session
