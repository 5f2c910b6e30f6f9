#include "net/timer_wheel.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "net/patience.h"
#include "support/catch.h"

namespace weir::test::timer_wheel_test {

using namespace std::chrono_literals;
using net::Patience;
using net::TimerWheel;

TEST_CASE("of many timers that are due at once those behind a millisecond's worth let others go first", "[net][turn]") {
  boost::asio::io_context loop(1);
  TimerWheel wheel(loop);
  unsigned fired = 0, before = 0, most_between = 0;
  std::vector<std::unique_ptr<TimerWheel::Timer>> timers;
  for (int i = 0; i < 30; ++i) {
    timers.push_back(std::make_unique<TimerWheel::Timer>([&fired] {
      for (const auto until = Patience::Clock::now() + Patience::longest; Patience::Clock::now() < until;) {
      }
      ++fired;
    }));
    wheel.arm(*timers.back(), 0ms);
  }
  const std::function<void()> other = [&] {
    most_between = std::max(most_between, fired - before);
    before = fired;
    if (fired < timers.size()) boost::asio::post(loop, other);
  };
  boost::asio::post(loop, other);
  loop.run();
  CHECK(fired == timers.size());
  CHECK(most_between <= 1);
}

TEST_CASE("a timer whose time has come can still be disarmed, or armed anew, by one that fires before it", "[net]") {
  boost::asio::io_context loop(1);
  TimerWheel wheel(loop);
  std::vector<int> order;
  TimerWheel::Timer second([&] { order.push_back(2); }), third([&] { order.push_back(3); });
  TimerWheel::Timer first([&] {
    order.push_back(1);
    CHECK(second.armed());
    second.disarm();
    wheel.arm(third, 20ms);
  });
  TimerWheel::Timer fourth([&] { order.push_back(4); });
  for (TimerWheel::Timer* one : {&first, &second, &third, &fourth}) wheel.arm(*one, 0ms);
  loop.run();
  CHECK(order == std::vector<int>{1, 4, 3});
  CHECK_FALSE(second.armed());
}

}  // namespace weir::test::timer_wheel_test
