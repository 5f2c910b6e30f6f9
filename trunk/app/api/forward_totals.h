#pragma once

#include "app/api/call.h"

namespace weir::api {

// Of all workers; nothing where nothing is sent on. An error as in Answer.
net::Task<base::Result<session::forward::Totals>> forward_totals(Call& call);

}  // namespace weir::api
