#pragma once

#include <vector>

#include "app/api/exposition.h"
#include "app/stats/rows.h"
#include "net/task.h"

// Metrics of streams and protocols. Only for the .cpp files of this folder.
namespace weir::api {

void write_protocols(Exposition& out, const std::vector<stats::WorkerRow>& workers);
// Tens of thousands of lines: other work of the thread goes between them.
net::Task<void> write_streams(Exposition& out, const std::vector<stats::StreamRow>& streams);

}  // namespace weir::api
