#pragma once

#include <chrono>

namespace weir::net {

// The time limit of the step that a session is in. A plain field: setting it costs nothing, and its worker looks at all
// of them a few times a second, so the limits are kept to a quarter of a second. On expiry the session is told to stop
// with Errc::timed_out.
class Watchdog {
 public:
  using Clock = std::chrono::steady_clock;

  void arm(std::chrono::milliseconds limit) { limit_ = Clock::now() + limit; }
  void disarm() { limit_ = Clock::time_point::max(); }
  bool expired(Clock::time_point now = Clock::now()) const { return now >= limit_; }

 private:
  Clock::time_point limit_ = Clock::time_point::max();
};

}  // namespace weir::net
