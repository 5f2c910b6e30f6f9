#pragma once

#include <span>
#include <string_view>

#include "app/bench/options.h"
#include "app/bench/report.h"
#include "base/result.h"

namespace weir::bench {

// `weir bench ...`: the arguments behind "bench". Writes to standard output and error; returns the exit status.
int run_bench(std::span<const std::string_view> arguments);

// The two kinds of run. They end by themselves: connecting may take what the ramp needs and 30 s more.
base::Result<Report> run_stream(const Options& options);
base::Result<Report> run_churn(const Options& options);

}  // namespace weir::bench
