#include "net/tcp_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>
#include <string>

#include "net/deadline.h"
#include "net/listener.h"
#include "net/notifier.h"
#include "net/worker.h"
#include "support/catch.h"

using namespace weir;
using namespace std::chrono_literals;
using net::ByteStream;
using net::Life;
using net::Task;

namespace {

// A stream of a worker and the plain socket at its other end.
class Ends {
 public:
  Ends() {
    worker.start();
    auto sockets = net::ListenSocket::open({"127.0.0.1", 0}, 1);
    REQUIRE(sockets.has_value());
    auto listening = std::make_shared<net::ListenSocket>(std::move(sockets->front()));
    const std::uint16_t port = listening->port();
    spawn([this, port](Life&) -> Task<void> {
      auto made = co_await net::connect(worker, "127.0.0.1", port, 5s);
      if (made) stream = std::move(*made);
    });
    const int listener = listening->release();
    pollfd coming{listener, POLLIN, 0};
    REQUIRE(::poll(&coming, 1, 5000) == 1);
    peer = ::accept(listener, nullptr, nullptr);
    ::close(listener);
    REQUIRE(peer >= 0);
    while (!on_worker([this] { return stream != nullptr; })) {
    }
  }
  ~Ends() {
    on_worker([this] { stream.reset(); });
    worker.stop();
    ::close(peer);
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;

  void spawn(net::Worker::Session session) {
    worker.post([this, session] { worker.spawn("test", session); });
  }
  template <class F>
  std::invoke_result_t<F> on_worker(F work) {
    std::packaged_task<std::invoke_result_t<F>()> task(std::move(work));
    auto result = task.get_future();
    worker.post(std::move(task));
    return result.get();
  }
  void say(const std::string& text) const {
    REQUIRE(::send(peer, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  }
  // What a read of at most `most` bytes gives, on the worker.
  std::string read(std::size_t most) {
    return on_worker([this, most] {
      std::string room(most, ' ');
      const auto count = stream->try_read({reinterpret_cast<std::uint8_t*>(room.data()), most});
      return count ? room.substr(0, *count) : count.error() == net::Errc::would_block ? "-" : ".";
    });
  }
  std::future<void> readable() {
    auto told = std::make_shared<std::promise<void>>();
    auto result = told->get_future();
    on_worker([this, told] { stream->when_readable([told] { told->set_value(); }); });
    return result;
  }

  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  std::unique_ptr<ByteStream> stream;
  int peer = -1;
};

bool comes(const std::future<void>& event) { return event.wait_for(5s) == std::future_status::ready; }
bool stays_away(const std::future<void>& event) { return event.wait_for(30ms) == std::future_status::timeout; }

}  // namespace

TEST_CASE("whoever did not read to the end is told of the rest at once", "[net]") {
  Ends ends;
  auto first = ends.readable();
  CHECK(stays_away(first));
  ends.say("abcdef");
  REQUIRE(comes(first));
  CHECK(ends.read(3) == "abc");  // all that was asked for: there may be more
  CHECK(comes(ends.readable()));
  CHECK(ends.read(3) == "def");
  auto none = ends.readable();
  CHECK(stays_away(none));
  ends.say("g");
  CHECK(comes(none));
}

TEST_CASE("the end of the stream wakes whoever read less than was asked for", "[net]") {
  Ends ends;
  ends.say("abc");
  REQUIRE(comes(ends.readable()));
  CHECK(ends.read(64) == "abc");
  auto end = ends.readable();
  CHECK(stays_away(end));
  ::shutdown(ends.peer, SHUT_WR);
  REQUIRE(comes(end));
  CHECK(ends.read(64) == ".");
}

TEST_CASE("a call is never made before when_readable returned, and dropped with the stream", "[net]") {
  Ends ends;
  ends.say("abc");
  REQUIRE(comes(ends.readable()));
  bool called = false, called_inside = false;
  ends.on_worker([&] {
    ends.stream->when_readable([&] { called = true; });
    called_inside = called;
    ends.stream.reset();
  });
  ends.on_worker([] {});
  CHECK_FALSE(called_inside);
  CHECK_FALSE(called);
}

TEST_CASE("a stream may be destroyed by the call that it makes", "[net]") {
  Ends ends;
  std::promise<void> done;
  ends.on_worker([&] {
    ends.stream->when_writable([] {});
    ends.stream->when_readable([&] {
      ends.stream.reset();
      done.set_value();
    });
  });
  ends.say("abc");
  CHECK(done.get_future().wait_for(5s) == std::future_status::ready);
}

TEST_CASE("a writer that found no room goes on when the peer reads", "[net]") {
  Ends ends;
  const std::size_t much = 16 << 20;
  std::promise<bool> done;
  ends.spawn([&](Life&) -> Task<void> {
    const base::Buffer bytes(much);
    const auto written = co_await ends.stream->write(bytes.bytes());
    done.set_value(written.has_value());
  });
  std::array<char, 65536> room{};
  for (std::size_t left = much; left > 0;) {
    const ssize_t count = ::recv(ends.peer, room.data(), room.size(), 0);
    REQUIRE(count > 0);
    left -= static_cast<std::size_t>(count);
  }
  CHECK(done.get_future().get());
}

TEST_CASE("cancel ends the tasks that wait, and the stream stays open", "[net]") {
  Ends ends;
  std::promise<base::ErrorCode> done;
  ends.spawn([&](Life&) -> Task<void> {
    const auto waited = co_await ends.stream->readable();
    done.set_value(waited.error());
  });
  ends.on_worker([&] { ends.stream->cancel(); });
  CHECK(done.get_future().get() == net::Errc::stopped);
  ends.say("abc");
  REQUIRE(comes(ends.readable()));
  CHECK(ends.read(64) == "abc");
}

TEST_CASE("a wait that its deadline ended leaves the stream as it was", "[net]") {
  Ends ends;
  std::promise<base::ErrorCode> done;
  ends.spawn([&](Life&) -> Task<void> {
    const auto waited = co_await net::deadline(20ms, ends.stream->readable());
    done.set_value(waited.error());
  });
  CHECK(done.get_future().get() == net::Errc::timed_out);
  auto event = ends.readable();
  CHECK(stays_away(event));
  ends.say("abc");
  CHECK(comes(event));
}
