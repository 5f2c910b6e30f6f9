#pragma once

#include <nlohmann/json_fwd.hpp>

#include <vector>

#include "app/api/context.h"

namespace weir::api {

// The `data` of /api/v1/summaries, which heartbeats carry too.
nlohmann::ordered_json summary_data(const Context& context, bool enabled, const stats::SystemSample& system,
                                    const std::vector<stats::WorkerRow>& workers);

}  // namespace weir::api
