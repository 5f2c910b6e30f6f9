#include "session/common/upstream/retry.h"

#include "session/common/upstream/way.h"
#include "support/catch.h"

namespace weir::test::retry_test {

using namespace std::chrono_literals;
using weir::session::upstream::Retry;
namespace upstream = weir::session::upstream;

TEST_CASE("pauses double up to half a minute, and none is far from its rule", "[session]") {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    Retry retry(seed);
    for (const auto rule : {1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms, 30'000ms}) {
      const auto pause = retry.failed();
      CHECK(pause >= rule - rule / 4);
      CHECK(pause <= rule + rule / 4);
    }
    CHECK(retry.failures() == 8);
  }
}

TEST_CASE("those who fail together do not come back together", "[session]") {
  Retry one(1), other(77);
  bool apart = false;
  for (int i = 0; i < 4; ++i) apart = apart || one.failed() != other.failed();
  CHECK(apart);
}

TEST_CASE("what went well for a while begins anew, and what broke at once does not", "[session]") {
  Retry retry(3);
  for (int i = 0; i < 6; ++i) retry.failed();
  CHECK(retry.failed(Retry::settled - 1ms) > 20s);
  CHECK(retry.failed(Retry::settled) <= 1250ms);
  CHECK(retry.failures() == 1);
}

TEST_CASE("a stream does not come through a server twice", "[session]") {
  CHECK(upstream::may_go_on("", "a"));
  const std::string way = upstream::way_through(upstream::way_through("", "a"), "b");
  CHECK(way == "a,b");
  CHECK(upstream::may_go_on(way, "c"));
  CHECK_FALSE(upstream::may_go_on(way, "a"));
  CHECK_FALSE(upstream::may_go_on(way, "b"));
  CHECK(upstream::may_go_on("1,2,3", "c"));
  CHECK_FALSE(upstream::may_go_on("1,2,3,4", "c"));
}

}  // namespace weir::test::retry_test
