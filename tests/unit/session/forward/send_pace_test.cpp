#include "session/forward/send_pace.h"

#include "session/forward/places.h"
#include "support/catch.h"

namespace weir::test::send_pace_test {

using namespace std::chrono_literals;
using session::forward::Places;
using session::forward::SendPace;

TEST_CASE("a picture leaves over the time until the next, in steps", "[forward]") {
  SendPace pace;
  const base::Instant start{1h};
  pace.add(80, start, 40ms);
  CHECK(pace.due(start) == 0);
  std::size_t sent = 0, most = 0;
  for (auto now = start; pace.waiting() > 0;) {
    now = pace.next_look(now);
    const auto count = pace.due(now);
    most = std::max(most, count);
    sent += count;
    REQUIRE(now <= start + 40ms);
  }
  CHECK(sent == 80);
  CHECK(most <= 11);
}

TEST_CASE("few packets are spread, too, and none is forgotten", "[forward]") {
  SendPace pace;
  base::Instant now{1h};
  std::size_t sent = 0;
  for (int picture = 0; picture < 25; ++picture) {
    pace.add(3, now, 40ms);
    for (int i = 0; i < 8; ++i) {
      now += 5ms;
      const auto count = pace.due(now);
      CHECK(count <= 2);
      sent += count;
    }
    CHECK(pace.waiting() == 0);
  }
  CHECK(sent == 75);
}

TEST_CASE("a look that comes late sends all that is due", "[forward]") {
  SendPace pace;
  const base::Instant start{1h};
  pace.add(10, start, 40ms);
  CHECK(pace.due(start + 10s) == 10);
  CHECK(pace.due(start + 11s) == 0);
  pace.add(4, start + 12s, 0ms);
  CHECK(pace.due(start + 12s) == 4);
}

TEST_CASE("a place is one's until it is given back", "[forward]") {
  Places places;
  auto first = places.take("10.0.0.1:5000");
  REQUIRE(first);
  CHECK_FALSE(places.take("10.0.0.1:5000"));
  CHECK(places.take("10.0.0.1:5002"));
  first.reset();
  CHECK(places.take("10.0.0.1:5000"));
}

}  // namespace weir::test::send_pace_test
