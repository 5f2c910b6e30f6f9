#pragma once

#include "session/common/upstream/fetcher.h"

namespace weir::session::pull {

// "-": what comes to the standard input of the server, if that is a pipe or a socket: FLV, MPEG-TS, MP3 or AAC, as it
// comes. Of one source alone, which the configuration sees to.
base::Result<upstream::Place> standard_input_place_of(const std::string& url);

}  // namespace weir::session::pull
