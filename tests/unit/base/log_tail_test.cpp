#include "base/log_tail.h"

#include "support/catch.h"

namespace weir::test::log_tail_test {

using log::Level;
using log::Tail;

namespace {

void add(Tail& tail, Level level, std::string_view text) {
  tail.add({.time = {}, .level = level, .id = {}, .previous = {}, .text = text});
}

}  // namespace

TEST_CASE("the last lines: by number, level and count", "[log]") {
  Tail tail;
  CHECK(tail.read(0, 10, Level::trace).empty());
  for (int i = 1; i <= 20; ++i) add(tail, i % 5 == 0 ? Level::warn : Level::info, "line " + std::to_string(i));
  const auto newest = tail.read(0, 3, Level::trace);
  REQUIRE(newest.size() == 3);
  CHECK(newest[0].text == "line 18");
  CHECK(newest[2].number == 20);
  CHECK(tail.read(19, 10, Level::trace).size() == 1);
  CHECK(tail.read(20, 10, Level::trace).empty());
  CHECK(tail.read(99, 10, Level::trace).empty());
  const auto warnings = tail.read(0, 10, Level::warn);
  REQUIRE(warnings.size() == 4);
  CHECK(warnings[0].text == "line 5");
}

TEST_CASE("the last lines are bounded in number and bytes", "[log]") {
  Tail tail;
  for (std::size_t i = 0; i < Tail::most_lines + 50; ++i) add(tail, Level::info, "x");
  CHECK(tail.read(0, 5000, Level::trace).size() == Tail::most_lines);
  CHECK(tail.read(0, 5000, Level::trace).front().number == 51);
  Tail big;
  const std::string long_line(8 * 1024, 'x');
  for (int i = 0; i < 200; ++i) add(big, Level::info, long_line);
  CHECK(big.read(0, 5000, Level::trace).size() == Tail::most_bytes / long_line.size());
}

}  // namespace weir::test::log_tail_test
