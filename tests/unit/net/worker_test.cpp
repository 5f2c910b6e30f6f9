#include "net/worker.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>

#include "net/coroutine.h"
#include "net/deadline.h"
#include "net/listener.h"
#include "net/mailbox.h"
#include "net/notifier.h"
#include "net/tcp_stream.h"
#include "net/worker_pool.h"
#include "support/catch.h"

namespace weir::test::worker_test {

using namespace std::chrono_literals;
using net::Life;
using net::Task;

namespace {

struct OneWorker {
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  OneWorker() { worker.start(); }
  ~OneWorker() { worker.stop(); }
  void spawn(net::Worker::Session session) {
    worker.post([this, session] { worker.spawn("test", session); });
  }
};

}  // namespace

TEST_CASE("a notification that comes before the wait is not lost", "[net]") {
  OneWorker one;
  std::promise<bool> done;
  net::Notifier notifier(one.worker.io());
  one.spawn([&](Life&) -> Task<void> {
    notifier.notify();
    const auto woke = co_await notifier.wait();
    done.set_value(woke.has_value());
  });
  CHECK(done.get_future().get());
}

TEST_CASE("an expired watchdog stops the session, and later waits fail at once", "[net]") {
  OneWorker one;
  std::promise<std::pair<base::ErrorCode, base::ErrorCode>> done;
  net::Notifier notifier(one.worker.io());
  one.spawn([&](Life& life) -> Task<void> {
    life.watchdog.arm(10ms);
    const auto first = co_await notifier.wait();
    const auto second = co_await notifier.wait();
    done.set_value({net::why_ended(life, first.error()), second.error()});
  });
  const auto [why, later] = done.get_future().get();
  CHECK(why == net::Errc::timed_out);
  CHECK(later == net::Errc::stopped);
}

TEST_CASE("a polite stop calls the session's good-bye instead of cutting it off", "[net]") {
  OneWorker one;
  std::promise<base::ErrorCode> done;
  net::Notifier notifier(one.worker.io());
  one.spawn([&](Life& life) -> Task<void> {
    life.on_stop = [&] { notifier.notify(); };
    one.worker.post([&] { one.worker.stop_sessions(net::Errc::stopped, true); });
    const auto woke = co_await notifier.wait();
    done.set_value(woke ? life.stop_reason() : base::ErrorCode(net::Errc::stalled));
  });
  CHECK(done.get_future().get() == net::Errc::stopped);
}

TEST_CASE("a fault in one session ends that session alone", "[net]") {
  OneWorker one;
  std::promise<void> done;
  one.spawn([](Life&) -> Task<void> {
    throw std::logic_error("planted");
    co_return;
  });
  one.spawn([&](Life&) -> Task<void> {
    done.set_value();
    co_return;
  });
  CHECK(done.get_future().wait_for(5s) == std::future_status::ready);
}

TEST_CASE("a deadline ends a step that takes too long and keeps one that does not", "[net]") {
  OneWorker one;
  std::promise<std::pair<base::ErrorCode, int>> done;
  one.spawn([&](Life&) -> Task<void> {
    net::Notifier never(one.worker.io());
    const auto late = co_await net::deadline(10ms, never.wait());
    auto quick = [](int value) -> Task<base::Result<int>> { co_return value; };
    const auto in_time = co_await net::deadline(1s, quick(7));
    done.set_value({late.error(), in_time ? *in_time : -1});
  });
  const auto [late, value] = done.get_future().get();
  CHECK(late == net::Errc::timed_out);
  CHECK(value == 7);
}

TEST_CASE("accept, connect, read, write and the end of the stream", "[net]") {
  OneWorker one;
  auto sockets = net::ListenSocket::open({"127.0.0.1", 0}, 1);
  REQUIRE(sockets.has_value());
  const std::uint16_t port = sockets->front().port();
  std::promise<std::string> done;
  auto listening = std::make_shared<net::ListenSocket>(std::move(sockets->front()));
  one.spawn([&, listening](Life& life) -> Task<void> {
    co_await net::accept_loop(life, std::move(*listening), [&](std::unique_ptr<net::ByteStream> stream) {
      auto shared = std::shared_ptr<net::ByteStream>(std::move(stream));
      one.worker.spawn("echo", [shared](Life&) -> Task<void> {
        std::array<std::uint8_t, 3> room{};
        if (co_await shared->read_exactly(room)) {
          const std::array<base::Bytes, 3> parts{base::Bytes(room), base::Bytes(), base::as_bytes("!")};
          co_await shared->write(parts);
        }
        shared->shutdown();
      });
    });
  });
  one.spawn([&](Life&) -> Task<void> {
    auto stream = co_await net::connect(one.worker, "127.0.0.1", port, 5s);
    std::string heard;
    if (stream) {
      co_await (*stream)->write(base::as_bytes("abc"));
      std::array<std::uint8_t, 64> room{};
      for (;;) {
        const auto count = co_await (*stream)->read_some(room);
        if (!count) {
          heard += count.error() == net::Errc::end_of_stream ? "." : "?";
          break;
        }
        heard += base::as_text(base::Bytes(room).first(*count));
      }
    }
    done.set_value(heard);
  });
  CHECK(done.get_future().get() == "abc!.");
}

TEST_CASE("a port in use is refused", "[net]") {
  auto first = net::ListenSocket::open({"127.0.0.1", 0}, 2);
  REQUIRE(first.has_value());
  auto second = net::ListenSocket::open({"127.0.0.1", first->front().port()}, 1);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error() == boost::system::errc::address_in_use);
}

TEST_CASE("timers of the wheel fire in order, once, and not when disarmed", "[net]") {
  OneWorker one;
  std::promise<std::string> done;
  std::string order;
  net::TimerWheel::Timer a([&] { order += "a"; }), b([&] { order += "b"; }), c([&] { order += "c"; });
  net::TimerWheel::Timer last([&] { done.set_value(order); });
  one.worker.post([&] {
    one.worker.wheel().arm(b, 40ms);
    one.worker.wheel().arm(a, 10ms);
    one.worker.wheel().arm(c, 20ms);
    c.disarm();
    one.worker.wheel().arm(last, 90ms);
  });
  CHECK(done.get_future().get() == "ab");
}

TEST_CASE("gather asks every worker and brings the answers home in order", "[net]") {
  auto logger = log::Logger::make_silent();
  net::WorkerPool pool(3, logger.get());
  pool.start();
  std::promise<std::vector<int>> done;
  pool.gather<int>(
      pool[1], [](net::Worker& worker) { return static_cast<int>(worker.index()) * 10; },
      [&](std::vector<int> results) { done.set_value(std::move(results)); });
  CHECK(done.get_future().get() == std::vector<int>{0, 10, 20});
  pool.stop();
}

TEST_CASE("a session that finds no memory ends alone", "[net]") {
  OneWorker one;
  std::promise<bool> other;
  one.spawn([](Life&) -> Task<void> {
    throw std::bad_alloc();
    co_return;
  });
  one.spawn([&](Life& life) -> Task<void> {
    for (int i = 0; i < 100 && life.worker().session_count() > 1; ++i) {
      co_await boost::asio::post(life.worker().io(), net::use_ec);
    }
    other.set_value(life.worker().out_of_memory_count() == 1 && life.worker().session_count() == 1);
  });
  CHECK(other.get_future().get());
}

TEST_CASE("a mailbox keeps order and tells of the first letter only", "[net]") {
  net::Mailbox<int> box;
  CHECK(box.put(1));
  CHECK_FALSE(box.put(2));
  std::vector<int> taken;
  const auto use = [&](int value) {
    taken.push_back(value);
    return true;
  };
  CHECK_FALSE(box.take(use));
  CHECK(taken == std::vector<int>{1, 2});
  CHECK(box.put(3));
}

TEST_CASE("a mailbox is emptied turn by turn, in order, whatever comes meanwhile", "[net]") {
  net::Mailbox<int> box;
  for (int i = 0; i < 5; ++i) box.put(i);
  std::vector<int> taken;
  const auto two = [&](int value) {
    taken.push_back(value);
    return taken.size() % 2 != 0;
  };
  CHECK(box.take(two));
  box.put(5);
  CHECK(box.take(two));
  CHECK_FALSE(box.take(two));
  CHECK(taken == std::vector<int>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("a mailbox filled from two threads loses nothing", "[net]") {
  net::Mailbox<int> box;
  constexpr int each = 20000;
  std::atomic<int> sum{0};
  std::thread one([&] {
    for (int i = 0; i < each; ++i) box.put(1);
  });
  std::thread two([&] {
    for (int i = 0; i < each; ++i) box.put(1);
  });
  while (sum < 2 * each) box.take([&](int value) { return sum += value, true; });
  one.join();
  two.join();
  CHECK(sum == 2 * each);
}

}  // namespace weir::test::worker_test
