#include "session/hls/pace.h"

#include "support/catch.h"

namespace weir::test::leader_pace_test {

using namespace std::chrono_literals;
using base::Ticks;
using session::hls::Pace;

namespace {

// Pictures 40 ms apart and sound between them, `ahead` of its pictures; returns what the last sound said of the time.
Ticks go_on(Pace& pace, Ticks& at, int pictures, Ticks ahead) {
  Ticks said{};
  for (int i = 0; i < pictures; ++i, at += 40ms) {
    pace.leader(at);
    said = pace.other(at + ahead + Ticks(3ms));
    said = pace.other(at + ahead + Ticks(23ms));
  }
  return said;
}

}  // namespace

TEST_CASE("a gap in all tracks says nothing of how far one is behind another", "[hls]") {
  for (const Ticks ahead : {Ticks(0), Ticks(400ms), Ticks(-300ms)}) {
    INFO(ahead.count());
    Pace pace;
    Ticks at = 0ms;
    go_on(pace, at, 50, ahead);
    at += 4300ms;
    pace.leader(at);
    CHECK(pace.other(at + ahead + Ticks(3ms)) <= at + Ticks(40ms));
    CHECK(pace.other(at + ahead + Ticks(3ms)) >= at - Ticks(40ms));
  }
}

TEST_CASE("sound that falls behind for good is found to be behind, and a picture that stands still is not", "[hls]") {
  Pace pace;
  Ticks at = 0ms;
  go_on(pace, at, 50, 0ms);
  const Ticks said = go_on(pace, at, 200, -300ms);
  CHECK(said >= at - Ticks(80ms));
  CHECK(said <= at);
  // The picture stands for 3 s, the sound goes on: the time is the sound's.
  Ticks sound = at - Ticks(300ms), told{};
  for (const Ticks until = sound + Ticks(3s); sound < until; sound += 20ms) told = pace.other(sound);
  CHECK(told >= at + Ticks(2500ms));
}

}  // namespace weir::test::leader_pace_test
