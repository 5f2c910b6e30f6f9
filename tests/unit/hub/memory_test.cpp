#include "hub/memory.h"

#include "hub/log.h"
#include "support/catch.h"

namespace weir::test::memory_test {

using hub::Cache;
using hub::Log;
using hub::MemoryBudget;
using hub::Pressure;

namespace {

constexpr std::size_t megabyte = 1 << 20;

void add(Log<int>& log, std::size_t count, bool entry = false, std::size_t bytes = megabyte) {
  for (std::size_t i = 0; i < count; ++i) {
    log.append(0, bytes, base::Ticks(static_cast<std::int64_t>(log.head())), entry && i == 0);
    log.trim(0);  // somebody is far behind
  }
}

constexpr hub::LogLimits wide{1ull << 40, std::chrono::hours(100), 1'000'000};

}  // namespace

TEST_CASE("pressure follows what all caches hold together", "[hub][memory]") {
  MemoryBudget budget(100 * megabyte);
  CHECK(budget.pressure() == Pressure::none);
  budget.add(Cache::frames, 40 * megabyte);
  budget.add(Cache::segments, 36 * megabyte);
  CHECK(budget.pressure() == Pressure::shrink);
  budget.add(Cache::formats, 10 * megabyte);
  CHECK(budget.pressure() == Pressure::refuse);
  budget.add(Cache::readers, 10 * megabyte);
  CHECK(budget.pressure() == Pressure::full);
  budget.add(Cache::frames, -std::int64_t{40 * megabyte});
  CHECK(budget.pressure() == Pressure::none);
  CHECK(budget.used() == 56 * megabyte);
  CHECK(budget.used(Cache::frames) == 0);
  budget.set_limits(0, 0);
  budget.add(Cache::frames, 1ll << 40);
  CHECK(budget.pressure() == Pressure::none);  // no limit
}

TEST_CASE("what the process takes besides its caches counts against its ceiling", "[hub][memory]") {
  MemoryBudget budget;
  budget.set_limits(600 * megabyte, 1000 * megabyte);
  budget.set_resident(700 * megabyte);
  CHECK(budget.pressure() == Pressure::none);
  budget.set_resident(880 * megabyte);
  CHECK(budget.pressure() == Pressure::refuse);
  budget.set_resident(950 * megabyte);
  CHECK(budget.pressure() == Pressure::full);
  budget.set_resident(100 * megabyte);
  CHECK(budget.pressure() == Pressure::none);
}

TEST_CASE("a log tells what it holds and gives it back", "[hub][memory]") {
  MemoryBudget budget(1000 * megabyte);
  {
    Log<int> log(wide, wide, &budget, Cache::frames);
    add(log, 20, true);
    CHECK(budget.used(Cache::frames) == 20 * megabyte);
    log.trim(log.head());  // nobody is behind: the group of pictures stays
    CHECK(budget.used() == 20 * megabyte);
    add(log, 1, true);
    log.trim(log.head());
    CHECK(budget.used() == megabyte);
  }
  CHECK(budget.used() == 0);
}

TEST_CASE("of a log of readers that alone counts which its home does not have too", "[hub][memory]") {
  MemoryBudget budget(1000 * megabyte);
  Log<int> log(wide, wide, &budget, Cache::readers);
  add(log, 8, true);
  CHECK(budget.used() == 0);
  add(log, 5, true);
  CHECK(budget.used(Cache::readers) == 8 * megabyte);
}

TEST_CASE("short of memory a log goes back to its newest entry point, whoever is behind", "[hub][memory]") {
  MemoryBudget budget(100 * megabyte);
  Log<int> log(wide, wide, &budget, Cache::frames);
  add(log, 60, true);
  add(log, 14, true);
  CHECK(log.tail() == 0);
  add(log, 1);
  CHECK(budget.pressure() == Pressure::shrink);
  add(log, 1);
  CHECK(log.tail() == 60);
  CHECK(log.entry_point() == 60);
  CHECK(budget.pressure() == Pressure::none);
}

TEST_CASE("in the last need the caches that take more than their share are emptied, and no others", "[hub][memory]") {
  MemoryBudget budget(100 * megabyte);
  Log<int> modest(wide, wide, &budget, Cache::frames), greedy(wide, wide, &budget, Cache::frames);
  add(modest, 10, true);
  for (int i = 0; i < 1000; ++i) {
    add(greedy, 1, i == 0);
    REQUIRE(budget.used() <= 100 * megabyte);
  }
  CHECK(budget.emptied() > 0);
  CHECK_FALSE(greedy.entry_point());
  add(modest, 1);
  CHECK(modest.entry_point() == 0);
  add(greedy, 1, true);
  CHECK(greedy.entry_point());  // the next key frame is one for newcomers again
}

TEST_CASE("many small changes cost the budget few", "[hub][memory]") {
  MemoryBudget budget(100 * megabyte);
  hub::MemoryAccount account(&budget, Cache::frames);
  account.set(1000);
  CHECK(budget.used() == 0);
  account.set(70'000);
  CHECK(budget.used() == 70'000);
  account.set(10'000);
  CHECK(budget.used() == 70'000);
  account.set(0);
  CHECK(budget.used() == 0);
}

}  // namespace weir::test::memory_test
