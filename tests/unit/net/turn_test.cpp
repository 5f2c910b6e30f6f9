#include "net/turn.h"

#include "support/catch.h"

namespace weir::test::turn_test {

using net::Turn;

TEST_CASE("a turn ends by its bytes and a new one begins when it is renewed", "[net][turn]") {
  std::uint64_t total = 0;
  Turn turn(&total);
  std::size_t spent = 0;
  while (turn.spend(1000)) spent += 1000;
  CHECK(turn.over());
  CHECK(spent <= Turn::most_bytes);
  CHECK_FALSE(turn.spend());  // it stays over
  turn.renew();
  CHECK_FALSE(turn.over());
  CHECK(turn.spend(1));
  CHECK(turn.cut_short() == 1);
  CHECK(total == 1);
}

TEST_CASE("a turn ends by its steps, though they move nothing", "[net][turn]") {
  Turn turn;
  std::size_t steps = 0;
  while (turn.spend()) ++steps;
  CHECK(steps < Turn::most_bytes / Turn::step_bytes);
}

TEST_CASE("a turn that was given back in time costs nothing and is not counted", "[net][turn]") {
  Turn turn;
  for (int i = 0; i < 10'000; ++i) {
    REQUIRE(turn.spend(4000));
    turn.renew();
  }
  CHECK(turn.cut_short() == 0);
}

TEST_CASE("no read takes more than the turn has left, and each may take something", "[net][turn]") {
  Turn turn;
  std::size_t before = turn.allowance();
  while (turn.spend(1500)) {
    CHECK(turn.allowance() <= before);
    before = turn.allowance();
  }
  CHECK(turn.allowance() == Turn::least_bytes);
}

TEST_CASE("turns that are slow get shorter, quick ones longer, within bounds", "[net][turn]") {
  Turn turn;
  const std::size_t first = turn.allowance();
  for (int i = 0; i < 12; ++i) {
    while (turn.spend(1000)) {
    }
    turn.pause();  // at once: nothing was slow
    turn.renew();
  }
  CHECK(turn.allowance() > first);
  CHECK(turn.allowance() <= Turn::most_bytes);
  const auto slow = std::chrono::milliseconds(2);
  for (int i = 0; i < 12; ++i) {
    while (turn.spend(1000)) {
    }
    const auto until = Turn::Clock::now() + slow;
    while (Turn::Clock::now() < until) {
    }
    turn.pause();
    turn.renew();
  }
  CHECK(turn.allowance() == Turn::least_bytes);
}

TEST_CASE("who says would-block says it once in a turn", "[net][turn]") {
  Turn turn;
  CHECK_FALSE(turn.refuses());
  while (turn.spend(1000)) {
  }
  CHECK(turn.refuses());
  CHECK_FALSE(turn.refuses());  // the caller waited for something else and came again
  CHECK_FALSE(turn.over());
}

}  // namespace weir::test::turn_test
