#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weir::base {

// How often something took how long: counts by upper bounds, for histograms of /metrics. Plain values of one worker:
// noting costs a search in eighteen numbers and two additions.
struct Durations {
  using Clock = std::chrono::steady_clock;
  // Upper bounds, each inclusive; what took longer is counted last.
  static constexpr std::array<std::uint32_t, 18> bounds_us{
      100,    250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,     50'000,
      75'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000};

  std::array<std::uint64_t, bounds_us.size() + 1> counts{};  // of each bucket alone
  std::uint64_t sum_us = 0;

  // What is negative counts as nothing.
  static std::uint64_t microseconds(Clock::duration took) {
    const auto count = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    return count > 0 ? static_cast<std::uint64_t>(count) : 0;
  }
  static std::size_t bucket_of(std::uint64_t us) {
    return static_cast<std::size_t>(std::lower_bound(bounds_us.begin(), bounds_us.end(), us) - bounds_us.begin());
  }

  void note(Clock::duration took) {
    const std::uint64_t us = microseconds(took);
    ++counts[bucket_of(us)];
    sum_us += us;
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts) sum += count;
    return sum;
  }
  Durations& operator+=(const Durations& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum_us += other.sum_us;
    return *this;
  }
};

// The same for what happens seldom and on any thread: calls, requests.
class SharedDurations {
 public:
  void note(Durations::Clock::duration took) {
    const std::uint64_t us = Durations::microseconds(took);
    counts_[Durations::bucket_of(us)].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(us, std::memory_order_relaxed);
  }
  Durations read() const {
    Durations all;
    for (std::size_t i = 0; i < counts_.size(); ++i) all.counts[i] = counts_[i].load(std::memory_order_relaxed);
    all.sum_us = sum_us_.load(std::memory_order_relaxed);
    return all;
  }

 private:
  std::array<std::atomic<std::uint64_t>, Durations::bounds_us.size() + 1> counts_{};
  std::atomic<std::uint64_t> sum_us_{0};
};

}  // namespace weir::base
