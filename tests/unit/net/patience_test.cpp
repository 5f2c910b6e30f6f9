#include "net/patience.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <vector>

#include "net/coroutine.h"
#include "support/catch.h"

namespace weir::test::patience_test {

namespace asio = boost::asio;
using net::Patience;

namespace {

// One whose turns each take more than what all of them have together.
asio::awaitable<void> heavy(asio::io_context& loop, unsigned& turns, const bool& enough) {
  while (!enough) {
    for (const auto until = Patience::Clock::now() + Patience::longest; Patience::Clock::now() < until;) {
    }
    ++turns;
    co_await Patience::of(loop).wait(net::use_ec);
  }
}

}  // namespace

TEST_CASE("who has just come waits for one of those who had their turn, not for all of them", "[net][turn]") {
  asio::io_context loop(1);
  unsigned turns = 0, most_between = 0;
  bool enough = false;
  for (int i = 0; i < 20; ++i) asio::co_spawn(loop, heavy(loop, turns, enough), asio::detached);
  loop.run_for(std::chrono::milliseconds(25));  // all are there
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 30; ++i) {
          const unsigned before = turns;
          co_await asio::post(loop, net::use_ec);
          most_between = std::max(most_between, turns - before);
        }
        enough = true;
      },
      asio::detached);
  loop.run();
  CHECK(turns > 20);
  CHECK(most_between <= 1);
  CHECK(Patience::of(loop).waiting() == 0);
}

TEST_CASE("those who wait go on in the order in which they came", "[net][turn]") {
  asio::io_context loop(1);
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) {
    Patience::of(loop).post([&order, &loop, i] {
      order.push_back(i);
      Patience::of(loop).post([&order, i] { order.push_back(10 + i); });
    });
  }
  loop.run();
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 10, 11, 12, 13, 14});
}

TEST_CASE("what waits when the loop ends is given back", "[net][turn]") {
  const auto held = std::make_shared<int>(1);
  {
    asio::io_context loop(1);
    bool enough = false;
    unsigned turns = 0;
    asio::co_spawn(loop, heavy(loop, turns, enough), asio::detached);
    loop.run_one();  // it began, and waits
    Patience::of(loop).post([held] {});
    CHECK(Patience::of(loop).waiting() == 2);
    CHECK(held.use_count() == 2);
  }
  CHECK(held.use_count() == 1);
}

}  // namespace weir::test::patience_test
