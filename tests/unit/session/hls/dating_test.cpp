#include "session/hls/dating.h"

#include <cstdlib>
#include <vector>

#include "support/catch.h"

namespace weir::test::dating_test {

using namespace weir::session::hls;
using namespace std::chrono_literals;

namespace {

// A stream of 25 pictures a second and segments of 2 s, whose frames come `late(dts)` after their time; the date of a
// segment is as good as what it says of the frame that begins it.
struct Run {
  struct Told {
    std::int64_t dts_ms;
    Dating::Said said;
    WallTime now;
  };
  Dating dating;
  std::vector<Told> told;
  std::int64_t at = 0;
  bool begun = false;

  template <class Late>
  void go(std::int64_t to_ms, Late late) {
    for (; at < to_ms; at += 40) {
      const WallTime now{std::chrono::milliseconds(1'700'000'000'000 + at + late(at))};
      dating.saw(base::Millis(at), now);
      if (at % 2000 != 0) continue;
      told.push_back({at, dating.begin(base::Millis(at), now, {.discontinuity = !begun}), now});
      begun = true;
    }
  }
  // Steps between dates that are not the steps of the stream, and not said to be none, in ms.
  std::int64_t worst_step() const {
    std::int64_t worst = 0;
    for (std::size_t i = 1; i < told.size(); ++i) {
      if (told[i].said.discontinuity || !told[i].said.known || !told[i - 1].said.known) continue;
      const auto step = (told[i].said.date - told[i - 1].said.date).count() - (told[i].dts_ms - told[i - 1].dts_ms);
      worst = std::max<std::int64_t>(worst, std::abs(step));
    }
    return worst;
  }
  std::int64_t most_ahead() const {
    std::int64_t most = 0;
    for (const Told& one : told) {
      if (one.said.known) most = std::max<std::int64_t>(most, (one.said.date - one.now).count());
    }
    return most;
  }
  std::size_t jumps() const {
    std::size_t count = 0;
    for (std::size_t i = 1; i < told.size(); ++i) count += told[i].said.discontinuity;
    return count;
  }
};

}  // namespace

TEST_CASE("a publisher that stalls and catches up does not move the dates", "[hls]") {
  Run run;
  run.go(60'000, [](std::int64_t at) {
    const std::int64_t since = at % 20'000;  // 4 s of silence, then twice as fast
    return since < 10'000 ? 0 : std::max<std::int64_t>(0, 4'000 - (since - 10'000));
  });
  CHECK(run.worst_step() == 0);
  CHECK(run.jumps() == 0);
  CHECK(run.most_ahead() == 0);
  for (const auto& one : run.told) CHECK(one.said.known);
}

TEST_CASE("jitter of the network is not in the dates", "[hls]") {
  Run run;
  std::uint32_t random = 7;
  run.go(600'000, [&](std::int64_t) { return static_cast<std::int64_t>((random = random * 1'664'525 + 1) >> 24); });
  CHECK(run.worst_step() <= 40);
  CHECK(run.jumps() == 0);
  CHECK(run.most_ahead() <= 40);
}

TEST_CASE("a publisher's clock that is fast or slow is followed in small steps for hours", "[hls]") {
  const double off = GENERATE(0.003, -0.003);
  Run run;
  run.go(7'200'000, [off](std::int64_t at) { return static_cast<std::int64_t>(static_cast<double>(at) * -off); });
  CHECK(run.jumps() == 0);
  CHECK(run.worst_step() <= 40);
  CHECK(run.most_ahead() <= 40);
  CHECK((run.told.back().now - run.told.back().said.date) < 1s);
}

TEST_CASE("what comes faster than time goes by has no date, and one again when it is in time", "[hls]") {
  Run run;
  run.go(100'000, [](std::int64_t at) { return at < 50'000 ? -at * 9 / 10 : -45'000; });
  CHECK(run.most_ahead() == 0);
  CHECK(run.jumps() == 1);
  CHECK_FALSE(run.told[10].said.known);
  CHECK(run.told.back().said.known);
}

TEST_CASE("a clock that was set is a discontinuity in the dates", "[hls]") {
  const std::int64_t by = GENERATE(3'600'000, -3'600'000);
  Run run;
  run.go(200'000, [by](std::int64_t at) { return at < 60'000 ? 0 : by; });
  CHECK(run.jumps() == 1);
  CHECK(run.told.back().said.date == run.told.back().now);
}

TEST_CASE("the first date is right although the first frames came in one burst", "[hls]") {
  Dating dating;
  const WallTime start{1'700'000'000'000ms};
  dating.saw(0s, start);
  const auto said = dating.begin(0s, start, {.discontinuity = true});
  CHECK(said.date == start);
  for (std::int64_t at = 40; at < 2000; at += 40)
    dating.saw(base::Millis(at), start + std::chrono::milliseconds(at / 100));
  CHECK(dating.revise(0s) <= start - 1900ms);
}

}  // namespace weir::test::dating_test
