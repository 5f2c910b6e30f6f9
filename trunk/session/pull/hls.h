#pragma once

#include "session/common/upstream/fetcher.h"

namespace weir::session::pull {

// Whether a URL of http:// or https:// names a playlist of HLS: its path ends with ".m3u8".
bool is_hls_url(const std::string& url);

// A stream that a server gives as HTTP Live Streaming (RFC 8216), in MPEG-TS or fragmented MP4, plain or by AES-128; of
// several variants the one of the highest bandwidth, or with "variant=HEIGHT" in the query, which is ours and is not
// sent, the one of that height. Live and as a film, which is played over and over; given on by its time stamps.
base::Result<upstream::Place> hls_place_of(const std::string& url);

}  // namespace weir::session::pull
