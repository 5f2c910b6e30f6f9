#pragma once

#include "hub/hub.h"
#include "net/blocking_pool.h"
#include "session/common/upstream/fetcher.h"
#include "session/common/upstream/srt.h"

namespace weir::server {

// What a worker's streams can be fetched by: a row for each scheme of URLs. Files are read on `files`; `hub`
// and `srt` are the same worker's. All of these outlive them.
session::upstream::Schemes make_schemes(hub::Hub& hub, net::BlockingPool& files, const session::upstream::SrtLine& srt);

}  // namespace weir::server
