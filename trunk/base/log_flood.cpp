#include "base/log_flood.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace weir::log {

namespace {

constexpr base::Millis silence{2000};  // after which what was left out is told by whoever speaks next

}  // namespace

std::uint64_t origin_of(std::string_view address) {
  if (address.empty()) return 0;
  return std::max<std::uint64_t>(std::hash<std::string_view>{}(address), 1);
}

Flood::Flood(unsigned lines_per_second) { set_rate(lines_per_second); }

void Flood::set_rate(unsigned lines_per_second) {
  const std::scoped_lock lock(mutex_);
  rate_ = lines_per_second;
  if (lines_per_second > 0 && table_.empty()) {
    table_.resize(sets);
    kinds_.resize(sets_of_kinds);
  }
}

// The slot of a pair, with the tokens that it has now. What it takes the place of is told by the verdict.
Flood::Slot& Flood::slot_of(Table& table, std::uint64_t origin, std::string_view kind, double rate, base::Instant now,
                            Verdict& verdict) {
  // Format strings are literals: where one stands is what it is.
  const std::uint64_t mixed = (origin ^ reinterpret_cast<std::uintptr_t>(kind.data())) * 0x9e3779b97f4a7c15U;
  auto& set = table[(mixed >> 32) % table.size()];
  for (Slot& slot : set) {
    if (slot.origin != origin || slot.kind.data() != kind.data()) continue;
    const double seconds = std::chrono::duration<double>(now - slot.last).count();
    slot.tokens = std::min(slot.tokens + seconds * rate, rate * burst_seconds);
    slot.last = now;
    return slot;
  }
  Slot& oldest =
      *std::min_element(set.begin(), set.end(), [](const Slot& a, const Slot& b) { return a.last < b.last; });
  if (oldest.left_out > 0) {
    verdict.silent_kind = oldest.kind;
    verdict.silent_left_out = oldest.left_out;
    verdict.silent_are_many = oldest.origin == everybody;
  }
  oldest = {origin, kind, now, rate * burst_seconds, 0};
  return oldest;
}

void Flood::tell_silent(std::array<Slot, ways>& set, base::Instant now, Verdict& verdict) {
  for (Slot& one : set) {
    if (verdict.silent_left_out > 0 || one.left_out == 0 || now - one.last < silence) continue;
    verdict.silent_kind = one.kind;
    verdict.silent_left_out = std::exchange(one.left_out, 0);
    verdict.silent_are_many = one.origin == everybody;
  }
}

Flood::Verdict Flood::hit(std::uint64_t origin, std::string_view kind, base::Instant now) {
  Verdict verdict;
  if (rate_ == 0 || origin == 0) return verdict;
  const std::scoped_lock lock(mutex_);
  const double rate = rate_;
  if (rate == 0) return verdict;
  Slot& one = slot_of(table_, origin, kind, rate, now, verdict);
  Slot& all = slot_of(kinds_, everybody, kind, rate * addresses_together, now, verdict);
  verdict.write = one.tokens >= 1 && all.tokens >= 1;
  if (verdict.write) {
    one.tokens -= 1;
    all.tokens -= 1;
    verdict.left_out = std::exchange(one.left_out, 0);
    verdict.left_out_of_all = std::exchange(all.left_out, 0);
  } else {
    ++(one.tokens < 1 ? one : all).left_out;
    ++left_out_;
  }
  // One set of each at each line, in turn.
  ++looked_at_;
  tell_silent(table_[looked_at_ % sets], now, verdict);
  tell_silent(kinds_[looked_at_ % sets_of_kinds], now, verdict);
  return verdict;
}

std::uint64_t Flood::left_out() const {
  const std::scoped_lock lock(mutex_);
  return left_out_;
}

}  // namespace weir::log
