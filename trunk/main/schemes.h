#pragma once

#include "session/common/upstream/fetcher.h"
#include "session/common/upstream/srt.h"

namespace weir::server {

// What a worker's streams can be fetched by: a row for each scheme of URLs. `srt` is the same worker's, and
// outlives them.
session::upstream::Schemes make_schemes(const session::upstream::SrtLine& srt);

}  // namespace weir::server
