#include "hub/log.h"

#include "support/catch.h"

namespace weir::test::log_test {

using base::Ticks;
using hub::Log;
using hub::LogLimits;

namespace {

constexpr LogLimits wide{1'000'000, std::chrono::seconds(1000), 1000};
Ticks at(int seconds) { return std::chrono::seconds(seconds); }

}  // namespace

TEST_CASE("a log keeps what a newcomer and the slowest reader need", "[hub]") {
  Log<int> log(wide, wide);
  for (int i = 0; i < 5; ++i) log.append(i, 10, at(i), i % 3 == 0);  // entries at 0 and 3
  CHECK(log.entry_point() == 3);
  log.trim(1);
  CHECK(log.tail() == 1);
  log.trim(log.head());
  CHECK(log.tail() == 3);
  CHECK(log.at(3) == 3);
  CHECK(log.bytes() == 20);
  CHECK(log.bytes_from(4) == 10);
  CHECK(log.time_from(3) == at(1));
}

TEST_CASE("an entry point that lies too far back is given up", "[hub]") {
  SECTION("in entries") {
    Log<int> log({1000, at(1000), 3}, wide);
    for (int i = 0; i < 4; ++i) log.append(i, 1, at(i), i == 0);
    CHECK_FALSE(log.entry_point().has_value());
  }
  SECTION("in bytes") {
    Log<int> log({25, at(1000), 100}, wide);
    log.append(0, 10, at(0), true);
    log.append(1, 10, at(0), false);
    CHECK(log.entry_point() == 0);
    log.append(2, 10, at(0), false);
    CHECK_FALSE(log.entry_point().has_value());
  }
  SECTION("in time") {
    Log<int> log({1000, at(10), 100}, wide);
    log.append(0, 10, at(0), true);
    log.append(1, 10, at(11), false);
    CHECK_FALSE(log.entry_point().has_value());
  }
}

TEST_CASE("the window is bounded whatever the readers do", "[hub]") {
  Log<int> log(wide, {50, at(1000), 1000});
  for (int i = 0; i < 100; ++i) {
    log.append(i, 10, at(i), i == 0);
    log.trim(0);
  }
  CHECK(log.bytes() <= 50);
  CHECK(log.tail() == 95);
  CHECK_FALSE(log.entry_point().has_value());  // it was dropped with the rest
}

}  // namespace weir::test::log_test
