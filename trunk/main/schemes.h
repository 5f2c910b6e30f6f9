#pragma once

#include "session/common/upstream/fetcher.h"

namespace weir::server {

// What a worker's streams can be fetched by: a row for each scheme of URLs.
session::upstream::Schemes make_schemes();

}  // namespace weir::server
