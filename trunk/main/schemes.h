#pragma once

#include "hub/hub.h"
#include "net/blocking_pool.h"
#include "session/common/upstream/fetcher.h"
#include "session/common/upstream/rist.h"
#include "session/common/upstream/srt.h"

namespace weir::server {

// What a worker's streams can be fetched by: a row for each scheme of URLs. Files are read on `files`; `hub`
// , `srt` and `rist` are the same worker's. All of these outlive them.
session::upstream::Schemes make_schemes(hub::Hub& hub, net::BlockingPool& files, const session::upstream::SrtLine& srt,
                                        const session::upstream::RistLine& rist);

}  // namespace weir::server
