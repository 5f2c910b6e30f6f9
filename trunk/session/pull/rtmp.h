#pragma once

#include "proto/stream_url.h"
#include "session/common/upstream/fetcher.h"

namespace weir::session::pull {

// A stream of another RTMP server, by rtmp:// or rtmps://.
std::shared_ptr<const upstream::Fetcher> make_rtmp_fetcher(proto::StreamUrl url);

// The last element of the path is taken for a key, and not shown.
base::Result<upstream::Place> rtmp_place_of(const std::string& url);

}  // namespace weir::session::pull
