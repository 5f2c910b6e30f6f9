#include "session/common/upstream/health.h"

#include "support/catch.h"

namespace weir::test::health_test {

using namespace std::chrono_literals;
using session::upstream::Health;

namespace {

const base::StreamKey cam{"v", "live", "cam"}, other{"v", "live", "other"};
const std::vector<std::string> abc{"a", "b", "c"};
const std::vector<bool> none(3), not_a{true, false, false}, all(3, true);
const Health::Time start{100h};

}  // namespace

TEST_CASE("places are asked in turn, and the one that gave a stream first", "[upstream]") {
  Health health;
  CHECK(health.choose(abc, none, cam, start) == 0);
  CHECK(health.choose(abc, not_a, cam, start) == 1);
  CHECK_FALSE(health.choose(abc, all, cam, start));
  health.gave("c", cam);
  CHECK(health.choose(abc, none, cam, start) == 2);
  CHECK(health.choose(abc, none, other, start) == 0);
  health.gave("b", cam);
  CHECK(health.choose(abc, none, cam, start) == 1);
  CHECK_FALSE(health.choose({}, {}, cam, start));
}

TEST_CASE("one that failed rests, longer each time, unless no other is left", "[upstream]") {
  Health health;
  health.gave("a", cam);
  health.failed("a", start);
  CHECK(health.rests("a", start + 900ms));
  CHECK(health.choose(abc, none, cam, start + 900ms) == 1);
  CHECK_FALSE(health.rests("a", start + 1s));
  CHECK(health.choose(abc, none, cam, start + 1s) == 0);
  for (int i = 0; i < 10; ++i) health.failed("a", start);
  CHECK(health.rests("a", start + 29s));
  CHECK_FALSE(health.rests("a", start + 30s));
  // The one whose rest is over first.
  health.failed("b", start + 20s);
  health.failed("c", start + 19s);
  CHECK(health.choose(abc, none, cam, start + 20s - 1ms) == 2);
  CHECK(health.choose({{"a"}}, {false}, cam, start) == 0);
  // What gives something is well again.
  health.gave("a", cam);
  CHECK_FALSE(health.rests("a", start));
}

TEST_CASE("what is known of places and streams is bounded", "[upstream]") {
  Health health;
  for (int i = 0; i < 10'000; ++i) {
    health.gave("b", {"v", "live", std::to_string(i)});
    health.failed(std::to_string(i), start);
  }
  CHECK(health.choose(abc, none, {"v", "live", "0"}, start) == 0);
  CHECK(health.choose(abc, none, {"v", "live", "9999"}, start) == 1);
  CHECK_FALSE(health.rests("0", start));
  CHECK(health.rests("9999", start));
}

}  // namespace weir::test::health_test
