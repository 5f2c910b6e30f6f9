#pragma once

#include "session/common/upstream/fetcher.h"

namespace weir::session::pull {

// FLV or MPEG-TS that somebody sends to a TCP port of ours: "tcp://:9000", "tcp://192.0.2.1:9000". The first bytes say
// which of the two. Of one sender at a time; the port is open until there is one, and again when he has left.
// upstream::Errc::bad_address.
base::Result<upstream::Place> tcp_place_of(const std::string& url);

}  // namespace weir::session::pull
