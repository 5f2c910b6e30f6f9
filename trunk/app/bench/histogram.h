#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace weir::bench {

// Counts durations in buckets at most 1/32 wide relative to their value, so that percentiles over hundreds of millions
// of frames cost fixed memory. Microseconds, up to an hour.
class Histogram {
 public:
  void add(std::chrono::nanoseconds value) {
    const std::int64_t us = value.count() / 1000;
    const std::uint64_t bounded = us < 0 ? 0 : static_cast<std::uint64_t>(us);
    ++counts_[index(bounded)];
    ++count_;
    sum_us_ += bounded;
    if (bounded > max_us_) max_us_ = bounded;
  }
  void clear() { *this = Histogram{}; }

  std::uint64_t count() const { return count_; }
  double mean_ms() const { return count_ ? static_cast<double>(sum_us_) / static_cast<double>(count_) / 1000 : 0; }
  double max_ms() const { return static_cast<double>(max_us_) / 1000; }
  // The value that `share` (0..1) of all are not above, to the width of a bucket; 0 if empty.
  double percentile_ms(double share) const;

 private:
  static constexpr std::uint32_t sub_bits = 5;
  static constexpr std::size_t buckets = (32 - sub_bits) << sub_bits;

  static std::size_t index(std::uint64_t us) {
    if (us < (1u << sub_bits)) return us;
    const auto shift = static_cast<std::uint32_t>(std::bit_width(us)) - sub_bits - 1;
    const std::size_t at = ((shift + 1u) << sub_bits) + ((us >> shift) & ((1u << sub_bits) - 1));
    return at < buckets ? at : buckets - 1;
  }
  static std::uint64_t upper_bound_us(std::size_t at);

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_us_ = 0;
  std::uint64_t max_us_ = 0;
};

}  // namespace weir::bench
