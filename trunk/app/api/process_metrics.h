#pragma once

#include <cstddef>
#include <optional>

#include "app/api/exposition.h"
#include "app/stats/system_sampler.h"

namespace weir::api {

// How many descriptors the process has open. Reads /proc/self/fd: waits for the kernel, so not on a worker.
std::optional<std::size_t> count_descriptors();

// Which build this is, and the names that Prometheus has for every process. `revision`: its commit, empty if unknown.
void write_process(Exposition& out, const stats::SystemSample& system, std::optional<std::size_t> descriptors,
                   std::string_view revision);

}  // namespace weir::api
