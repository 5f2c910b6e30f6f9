#pragma once

#include "net/blocking_pool.h"
#include "session/common/upstream/fetcher.h"

namespace weir::session::pull {

// A file below the directory of http_server, FLV, MPEG-TS, MP4, MP3 or AAC in ADTS as its first bytes say, that is
// played over and over by its own time stamps; or a list of such files (file_list.h), one after another. Read on
// `pool`, which outlives what is made here.
base::Result<upstream::Place> file_place_of(net::BlockingPool& pool, const std::string& url);

}  // namespace weir::session::pull
