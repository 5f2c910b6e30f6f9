#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace weir::hub {

// What is kept in memory so that somebody can have it later. Bounds of each cache alone have no sum: a budget has.
enum class Cache : std::uint8_t {
  frames,    // of sources, back to the newest key frame
  formats,   // the same, packaged
  readers,   // what slow players have not taken yet
  mailbox,   // between workers
  messages,  // of publishers, unfinished
  segments,  // of HLS and DASH
};
inline constexpr std::array<std::string_view, 6> cache_names{"frames",  "formats",  "readers",
                                                             "mailbox", "messages", "segments"};

// How full it is, and so what is done about it. Each includes what stands before it.
enum class Pressure : std::uint8_t {
  none,
  shrink,  // caches go back to their newest entry point: slow players are skipped forward, old segments go
  refuse,  // nobody new may publish
  full,    // a cache that takes more than its share is emptied
};

// For the log: what is done about it.
const char* describe(Pressure pressure);

// The memory budget of the process: all caches of all workers together. Any thread; one relaxed load for a look.
class MemoryBudget {
 public:
  // 0: no limit.
  explicit MemoryBudget(std::uint64_t limit_bytes = 0) { set_limits(limit_bytes, 0); }

  // `ceiling_bytes` is what the process as a whole can get of its control group or machine, 0 if that is unknown: what
  // the caches do not know of (sockets, messages under way, fragments of the heap) counts against it.
  void set_limits(std::uint64_t limit_bytes, std::uint64_t ceiling_bytes);
  void set_resident(std::uint64_t bytes);
  std::uint64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  std::uint64_t ceiling() const { return ceiling_.load(std::memory_order_relaxed); }
  std::uint64_t resident() const { return resident_.load(std::memory_order_relaxed); }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t used(Cache cache) const {
    return by_cache_[static_cast<std::size_t>(cache)].load(std::memory_order_relaxed);
  }
  Pressure pressure() const { return pressure_.load(std::memory_order_relaxed); }
  // What one cache may have when all is used up.
  std::uint64_t share() const;

  // `bytes` may be negative. Costs an atomic addition, so callers gather (see MemoryAccount).
  void add(Cache cache, std::int64_t bytes);
  void open_account() { accounts_.fetch_add(1, std::memory_order_relaxed); }
  void close_account() { accounts_.fetch_sub(1, std::memory_order_relaxed); }

  // For the figures.
  void count_refused() { refused_.fetch_add(1, std::memory_order_relaxed); }
  void count_emptied() { emptied_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t emptied() const { return emptied_.load(std::memory_order_relaxed); }

 private:
  void judge();

  std::atomic<std::uint64_t> limit_{0}, ceiling_{0}, resident_{0}, used_{0}, accounts_{0}, refused_{0}, emptied_{0};
  std::array<std::atomic<std::uint64_t>, cache_names.size()> by_cache_{};
  std::atomic<Pressure> pressure_{Pressure::none};
};

// What one cache holds, told to the budget in steps. Gives it back when destroyed. Lives on the cache's worker.
class MemoryAccount {
 public:
  // Without a budget it counts nothing.
  MemoryAccount(MemoryBudget* budget, Cache cache) : budget_(budget), cache_(cache) {}
  ~MemoryAccount() { set(0); }
  MemoryAccount(MemoryAccount&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), cache_(other.cache_), told_(std::exchange(other.told_, 0)) {}
  MemoryAccount& operator=(MemoryAccount&&) = delete;

  void set(std::uint64_t bytes) {
    if (!budget_) return;
    if (bytes > 0 ? bytes < told_ + step && bytes + step > told_ : told_ == 0) return;
    if (told_ == 0) budget_->open_account();
    if (bytes == 0) budget_->close_account();
    budget_->add(cache_, static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(told_));
    told_ = bytes;
  }
  Pressure pressure() const { return budget_ ? budget_->pressure() : Pressure::none; }
  // In the last need: this one has more than its share.
  bool greedy(std::uint64_t bytes) const { return pressure() == Pressure::full && bytes > budget_->share(); }
  MemoryBudget* budget() const { return budget_; }

 private:
  static constexpr std::uint64_t step = 64 * 1024;
  MemoryBudget* budget_;
  Cache cache_;
  std::uint64_t told_ = 0;
};

}  // namespace weir::hub
