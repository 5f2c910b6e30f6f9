#pragma once

#include "app/api/exposition.h"
#include "session/gb28181/rows.h"

namespace weir::api::gb {

// For /metrics: devices, what they tell, calls to them, and platforms above.
void write_devices(Exposition& out, const session::gb28181::Totals& totals);

}  // namespace weir::api::gb
