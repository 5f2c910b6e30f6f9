#include "session/webrtc/breaker.h"

#include "support/catch.h"

namespace weir::test::breaker_test {

using session::webrtc::Breaker;
using Level = Breaker::Level;

TEST_CASE("work is shed after so many busy seconds, and taken up at the first that is not", "[webrtc]") {
  const config::CircuitBreaker settings;  // 90 % for 2 s, 95 % for 1 s
  Breaker breaker;
  CHECK(breaker.sends_again());
  CHECK_FALSE(breaker.sample(settings, 91));
  CHECK(breaker.sample(settings, 91));
  CHECK(breaker.level() == Level::high);
  CHECK_FALSE(breaker.sends_again());
  CHECK(breaker.gives_feedback());
  CHECK_FALSE(breaker.sample(settings, 94));
  CHECK(breaker.sample(settings, 99));
  CHECK(breaker.level() == Level::critical);
  CHECK_FALSE(breaker.gives_feedback());
  CHECK(breaker.sample(settings, 60));
  CHECK(breaker.level() == Level::normal);
  CHECK_FALSE(breaker.sample(settings, 91));  // counted anew
}

TEST_CASE("a pulse of zero never trips, and one that is off neither", "[webrtc]") {
  config::CircuitBreaker settings;
  settings.high_pulse = settings.critical_pulse = 0;
  Breaker breaker;
  for (int i = 0; i < 10; ++i) CHECK_FALSE(breaker.sample(settings, 100));
  settings = {};
  CHECK(breaker.sample(settings, 100));
  settings.enabled = false;
  CHECK(breaker.sample(settings, 100));
  CHECK(breaker.level() == Level::normal);
}

}  // namespace weir::test::breaker_test
