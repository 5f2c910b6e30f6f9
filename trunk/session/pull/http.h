#pragma once

#include "session/common/upstream/fetcher.h"

namespace weir::session::pull {

// A stream that a server gives as the endless answer to a GET of http:// or https://: FLV or MPEG-TS, as its first
// bytes say, whatever the URL ends with; one that ends with ".m3u8" is of HLS (hls.h). "user:password@" of the URL is
// sent as Basic authentication.
base::Result<upstream::Place> http_place_of(const std::string& url);

}  // namespace weir::session::pull
