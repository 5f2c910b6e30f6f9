#pragma once

#include "app/api/exposition.h"
#include "app/trace/figures.h"

namespace weir::api {

void write_traces(Exposition& out, const trace::Figures& figures);

}  // namespace weir::api
