#include "app/events/history.h"

#include "support/catch.h"

namespace weir::test::history_test {

using namespace std::chrono_literals;
using events::History;

TEST_CASE("figures of five minutes are kept", "[events]") {
  History history;
  const History::Clock::time_point begin{};
  CHECK(history.json(begin) == R"({"stats":[]})");
  history.add(begin, R"({"a":1})");
  history.add(begin + 5s, R"({"a":2})");
  CHECK(history.json(begin + 6s) == R"({"stats":[{"a":1},{"a":2}]})");
  CHECK(history.json(begin + 5min + 1s) == R"({"stats":[{"a":2}]})");
  history.add(begin + 5min + 3s, R"({"a":3})");
  CHECK(history.json(begin + 5min + 3s) == R"({"stats":[{"a":2},{"a":3}]})");
}

TEST_CASE("however often figures are told, their number is bounded", "[events]") {
  History history;
  const History::Clock::time_point begin{};
  for (std::size_t i = 0; i < 2 * History::most_points; ++i) history.add(begin, "1");
  CHECK(history.json(begin).size() == std::string(R"({"stats":[]})").size() + 2 * History::most_points - 1);
}

}  // namespace weir::test::history_test
