#pragma once

#include "app/api/call.h"

namespace weir::api {

// Of all workers; nothing where nothing is fetched. An error as in Answer.
net::Task<base::Result<session::pull::Totals>> source_totals(Call& call);

}  // namespace weir::api
