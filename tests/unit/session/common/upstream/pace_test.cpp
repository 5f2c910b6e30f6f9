#include "session/common/upstream/pace.h"

#include "support/catch.h"

namespace weir::test::pace_test {

using namespace std::chrono_literals;
using session::upstream::Pace;

namespace {

struct Paced {
  Pace pace;
  Pace::Clock::time_point now{1000s};
  Pace::Step next(std::chrono::milliseconds time) { return pace.next(time, now); }
  static std::int64_t millis(Pace::Clock::duration wait) {
    return std::chrono::round<std::chrono::milliseconds>(wait).count();
  }
};

}  // namespace

TEST_CASE("what is read at once goes on by its time stamps", "[upstream]") {
  Paced paced;
  CHECK(Paced::millis(paced.next(5000ms).wait) == 0);
  CHECK(Paced::millis(paced.next(5040ms).wait) == 40);
  paced.now += 40ms;
  CHECK(Paced::millis(paced.next(5040ms).wait) == 0);
  CHECK(Paced::millis(paced.next(5020ms).wait) == 0);  // audio beside it
  CHECK(Paced::millis(paced.next(6000ms).wait) == 960);
  CHECK(paced.next(6000ms).time == base::Ticks(6000ms));
}

TEST_CASE("a file that is played again goes on behind its end", "[upstream]") {
  Paced paced;
  for (int round = 0; round < 3; ++round) {
    for (const auto time : {100ms, 140ms, 180ms}) {
      const auto step = paced.next(time);
      paced.now += step.wait;
      const auto begin = 100ms + round * (80ms + std::chrono::duration_cast<std::chrono::milliseconds>(Pace::step));
      CHECK(step.time == base::Ticks(begin + (time - 100ms)));
      CHECK(step.wait < 60ms);
    }
    paced.pace.begin_again();
  }
  CHECK(paced.pace.passed() == 9);
}

TEST_CASE("the next file begins where the last frame of the one before ends", "[upstream]") {
  Paced paced;
  CHECK(paced.next(0ms).time == base::Ticks(0ms));
  CHECK(paced.next(26ms).time == base::Ticks(26ms));
  paced.pace.begin_again(base::Ticks(26ms));
  CHECK(paced.next(0ms).time == base::Ticks(52ms));
  paced.pace.begin_again();
  CHECK(paced.next(1000ms).time == base::Ticks(52ms) + Pace::step);
}

TEST_CASE("a jump of the time stamps is not waited for", "[upstream]") {
  Paced paced;
  (void)paced.next(0ms);
  CHECK(Paced::millis(paced.next(1h).wait) == 0);
  CHECK(Paced::millis(paced.next(1h + 40ms).wait) == 40);
  CHECK(Paced::millis(paced.next(0ms).wait) == 0);
  CHECK(Paced::millis(paced.next(40ms).wait) == 40);
}

TEST_CASE("what was missed is not made up for by a burst", "[upstream]") {
  Paced paced;
  (void)paced.next(0ms);
  paced.now += 5s;
  CHECK(Paced::millis(paced.next(40ms).wait) == 0);
  CHECK(Paced::millis(paced.next(140ms).wait) == 100);
}

}  // namespace weir::test::pace_test
