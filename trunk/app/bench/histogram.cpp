#include "app/bench/histogram.h"

#include <algorithm>
#include <cmath>

namespace weir::bench {

double Histogram::percentile_ms(double share) const {
  if (count_ == 0) return 0;
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t at = 0; at < buckets; ++at) {
    seen += counts_[at];
    if (seen >= wanted) return static_cast<double>(std::min(upper_bound_us(at), max_us_)) / 1000;
  }
  return max_ms();
}

std::uint64_t Histogram::upper_bound_us(std::size_t at) {
  if (at < (1u << sub_bits)) return at;
  const std::uint64_t shift = (at >> sub_bits) - 1;
  const std::uint64_t mantissa = (1u << sub_bits) | (at & ((1u << sub_bits) - 1));
  return ((mantissa + 1) << shift) - 1;
}

}  // namespace weir::bench
