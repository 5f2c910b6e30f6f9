#pragma once

#include "session/common/upstream/fetcher.h"
#include "session/common/upstream/rist.h"

namespace weir::session::pull {

// A transport stream by RIST, from who is called or calls. Of one sender at a time: another one is heard when the first
// has been silent for a moment. upstream::Errc::bad_rist_url.
base::Result<upstream::Place> rist_place_of(const upstream::RistLine& line, const std::string& url);

}  // namespace weir::session::pull
