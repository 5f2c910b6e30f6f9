#pragma once

#include "app/api/call.h"

namespace weir::api {

// Of all workers; zeros where there is no DVR.
net::Task<base::Result<record::Totals>> dvr_totals(Call& call);

}  // namespace weir::api
