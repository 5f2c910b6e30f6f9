#pragma once

#include "app/api/call.h"

namespace weir::api {

// Of all workers; nothing where no program is run. An error as in Answer.
net::Task<base::Result<ffmpeg::Totals>> program_totals(Call& call);

}  // namespace weir::api
