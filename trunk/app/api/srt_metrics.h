#pragma once

#include "app/api/exposition.h"
#include "session/srt/figures.h"

namespace weir::api {

// What /metrics says of SRT, and of each port of it that is open.
void write_srt(Exposition& out, const session::srt::Figures& figures);

}  // namespace weir::api
