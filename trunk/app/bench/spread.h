#pragma once

#include "app/bench/histogram.h"
#include "app/bench/report.h"

namespace weir::bench {

inline Spread spread_of(const Histogram& h) {
  return {.count = h.count(),
          .mean_ms = h.mean_ms(),
          .p50_ms = h.percentile_ms(0.5),
          .p99_ms = h.percentile_ms(0.99),
          .max_ms = h.max_ms()};
}

}  // namespace weir::bench
