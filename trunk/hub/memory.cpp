#include "hub/memory.h"

#include <algorithm>

namespace weir::hub {

namespace {

// Of the budget.
constexpr std::uint64_t shrink_percent = 75, refuse_percent = 85, full_percent = 95;
// Of the ceiling, by what the process has resident: the same steps, later.
constexpr std::uint64_t shrink_resident = 80, refuse_resident = 87, full_resident = 94;

Pressure pressure_of(std::uint64_t used, std::uint64_t limit, std::uint64_t shrink, std::uint64_t refuse,
                     std::uint64_t full) {
  if (limit == 0) return Pressure::none;
  const auto reaches = [&](std::uint64_t percent) { return used / percent >= limit / 100; };
  if (reaches(full)) return Pressure::full;
  if (reaches(refuse)) return Pressure::refuse;
  return reaches(shrink) ? Pressure::shrink : Pressure::none;
}

}  // namespace

const char* describe(Pressure pressure) {
  switch (pressure) {
    case Pressure::none:
      return "caches are as long as configured";
    case Pressure::shrink:
      return "caches go back to their newest entry point";
    case Pressure::refuse:
      return "new publishers are refused";
    case Pressure::full:
      return "the largest caches are emptied, new publishers are refused";
  }
  return "unknown";
}

void MemoryBudget::set_limits(std::uint64_t limit_bytes, std::uint64_t ceiling_bytes) {
  limit_.store(limit_bytes, std::memory_order_relaxed);
  ceiling_.store(ceiling_bytes, std::memory_order_relaxed);
  judge();
}

void MemoryBudget::set_resident(std::uint64_t bytes) {
  resident_.store(bytes, std::memory_order_relaxed);
  judge();
}

void MemoryBudget::add(Cache cache, std::int64_t bytes) {
  const auto change = static_cast<std::uint64_t>(bytes);  // of a negative number too: it wraps
  by_cache_[static_cast<std::size_t>(cache)].fetch_add(change, std::memory_order_relaxed);
  used_.fetch_add(change, std::memory_order_relaxed);
  judge();
}

void MemoryBudget::judge() {
  const Pressure of_caches = pressure_of(used(), limit(), shrink_percent, refuse_percent, full_percent);
  const Pressure of_process = pressure_of(resident(), ceiling(), shrink_resident, refuse_resident, full_resident);
  const Pressure now = std::max(of_caches, of_process);
  if (now != pressure()) pressure_.store(now, std::memory_order_relaxed);
}

std::uint64_t MemoryBudget::share() const {
  const std::uint64_t accounts = std::max<std::uint64_t>(1, accounts_.load(std::memory_order_relaxed));
  return limit() / accounts / 2;
}

}  // namespace weir::hub
