#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "hub/memory.h"

namespace weir::hub {

struct LogLimits {
  std::uint64_t bytes = 32ull << 20;
  base::Ticks time = std::chrono::seconds(60);
  std::size_t entries = 2500;
};

// An append-only window over the recent past that remembers where a newcomer may start: the newest entry point. What
// precedes both the entry point and the slowest reader is forgotten; what exceeds the limits is forgotten in any case.
// Not thread-safe: lives on one worker.
template <class Item>
class Log {
 public:
  using Position = std::uint64_t;  // never reused

  // `entry` bounds how far back a start may lie (the GOP cache), `window` how far back a slow reader may. What it holds
  // counts against the budget, if there is one; as Cache::readers that alone which lies before the entry point: what
  // lies behind it is the same memory as that of the stream's home, and counted there.
  Log(const LogLimits& entry, const LogLimits& window, MemoryBudget* budget = nullptr, Cache cache = Cache::frames)
      : entry_limits_(entry), window_limits_(window), account_(budget, cache), of_readers_(cache == Cache::readers) {}

  // A newcomer may start at an entry, or `lead` items before it.
  void append(Item item, std::size_t bytes, base::Ticks time, bool entry, std::uint32_t lead = 0) {
    slots_.push_back({std::move(item), end_offset_, time});
    end_offset_ += bytes;
    newest_ = time;
    if (entry) {
      entry_ = head() - 1 - std::min<Position>(lead, slots_.size() - 1);
      entry_time_ = slot(*entry_).time;
      entry_offset_ = slot(*entry_).offset;
    }
    if (entry_ && (head() - *entry_ > entry_limits_.entries || end_offset_ - entry_offset_ > entry_limits_.bytes ||
                   newest_ - entry_time_ > entry_limits_.time)) {
      entry_.reset();
    }
  }

  // Forgets what nobody needs. `slowest` is the position of the reader furthest behind; head() if all are at the head.
  // What is younger than `history` stays all the same. When memory is short nobody is waited for: what precedes the
  // entry point goes, and in the end all of it.
  void trim(Position slowest, base::Ticks history = {}) {
    if (const Pressure pressure = account_.pressure(); pressure != Pressure::none) {
      history = {};
      if (account_.greedy(bytes())) {
        account_.budget()->count_emptied();
        entry_.reset();
        slowest = head();
      }
      if (entry_) slowest = std::max(slowest, *entry_);
    }
    const Position wanted = entry_ && *entry_ < slowest ? *entry_ : slowest;
    while (!slots_.empty() && ((first_ < wanted && !is_recent(history)) || exceeds())) pop();
    account_.set(of_readers_ && entry_ ? bytes() - bytes_from(*entry_) : bytes());
  }

  // No newcomer starts on what is here now: it belongs to a publication that ended.
  void forget_entry() { entry_.reset(); }
  void set_limits(const LogLimits& entry, const LogLimits& window) {
    entry_limits_ = entry;
    window_limits_ = window;
  }

  Position tail() const { return first_; }
  Position head() const { return first_ + slots_.size(); }
  std::optional<Position> entry_point() const { return entry_; }
  const Item& at(Position position) const {
    assert(position >= first_ && position < head() && "a position outside the log");
    return slots_[static_cast<std::size_t>(position - first_)].item;
  }
  std::uint64_t bytes() const { return slots_.empty() ? 0 : end_offset_ - slots_.front().offset; }
  std::uint64_t bytes_from(Position position) const {
    return position >= head() ? 0 : end_offset_ - slot(position).offset;
  }
  base::Ticks time_from(Position position) const {
    return position >= head() ? base::Ticks{} : newest_ - slot(position).time;
  }

 private:
  struct Slot {
    Item item;
    std::uint64_t offset;  // of its first byte, counted from the log's birth
    base::Ticks time;
  };
  const Slot& slot(Position position) const { return slots_[static_cast<std::size_t>(position - first_)]; }
  bool is_recent(base::Ticks history) const {
    if (history == base::Ticks{}) return false;
    const base::Ticks age = newest_ - slots_.front().time;
    return age <= history && -age <= history;
  }
  bool exceeds() const {
    return slots_.size() > window_limits_.entries || bytes() > window_limits_.bytes ||
           newest_ - slots_.front().time > window_limits_.time;
  }
  void pop() {
    if (entry_ == first_) entry_.reset();
    slots_.pop_front();
    ++first_;
  }

  // given
  LogLimits entry_limits_;
  LogLimits window_limits_;

  // owned
  MemoryAccount account_;
  bool of_readers_;

  // state
  std::deque<Slot> slots_;
  Position first_ = 0;
  std::uint64_t end_offset_ = 0;
  base::Ticks newest_{};
  std::optional<Position> entry_;
  base::Ticks entry_time_{};
  std::uint64_t entry_offset_ = 0;
};

}  // namespace weir::hub
