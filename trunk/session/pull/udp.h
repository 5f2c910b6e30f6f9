#pragma once

#include "config/udp_url.h"
#include "session/common/upstream/fetcher.h"

namespace weir::session::pull {

// A transport stream that comes to a UDP port, plain or in RTP (RFC 2250), as stream_caster mpegts_over_udp of SRS
// takes it. Of one sender at a time: another one is heard when the first has been silent for a moment.
// upstream::Errc::bad_udp_url.
base::Result<upstream::Place> udp_place_of(const std::string& url);

}  // namespace weir::session::pull
