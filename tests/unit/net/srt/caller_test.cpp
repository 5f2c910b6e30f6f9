#include "net/srt/caller.h"

#include <future>

#include "net/coroutine.h"
#include "net/srt/error.h"
#include "net/srt/library.h"
#include "net/srt/listener.h"
#include "support/catch.h"
#include "support/soon.h"
#include "support/srt_listener.h"
#include "support/srt_peer.h"

namespace weir::test::caller_test {

using namespace std::chrono_literals;
using net::SrtPlace;
using net::SrtSocket;
using net::Task;
using Mode = SrtPlace::Mode;

namespace {

// What became of a call: what the other side answered to a message, or why there was none.
struct Outcome {
  test::ByteVector answer;
  base::ErrorCode error;
  std::string why;
  std::string peer;
};

// A worker that calls, and one listener on it which sends back what comes.
struct Caller : test::SrtServer {
  Caller() : SrtServer(test::srt_echo) {}

  // Opens, says something if `asks`, and hears something.
  std::future<Outcome> begin(SrtPlace place, bool asks = true, std::string name = "call") {
    auto told = std::make_shared<std::promise<Outcome>>();
    worker.post([this, place = std::move(place), asks, told, name = std::move(name)] {
      worker.spawn(name, [this, place, asks, told](net::Life&) { return call(place, asks, told); });
    });
    return told->get_future();
  }
  Task<void> call(SrtPlace place, bool asks, std::shared_ptr<std::promise<Outcome>> told) {
    Outcome out;
    auto opened = co_await caller.open(std::move(place), out.why);
    if (!opened) {
      out.error = opened.error();
    } else {
      SrtSocket& socket = **opened;
      out.peer = socket.peer().address;
      if (asks) (void)socket.try_write(test::repeat(3, 188));
      std::array<std::uint8_t, SrtSocket::largest_message> room;
      for (;;) {
        const auto count = socket.try_read(room);
        if (count) {
          out.answer.assign(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*count));
          break;
        }
        out.error = count.error();
        if (out.error != net::Errc::would_block || !co_await socket.readable()) break;
      }
      // Whoever asked hears before this is gone: what was not sent yet would go with it.
      if (!asks) {
        (void)socket.try_write(out.answer);
        while (!socket.over() && co_await socket.readable()) {
          if (const auto more = socket.try_read(room); !more && more.error() != net::Errc::would_block) break;
        }
      }
    }
    told->set_value(std::move(out));
  }
  Outcome get(SrtPlace place) { return begin(std::move(place)).get(); }
  SrtPlace here(net::SrtSettings settings = {}) const {
    return {.remote = *net::udp_address("127.0.0.1", port), .local = {}, .settings = std::move(settings)};
  }
};

}  // namespace

TEST_CASE("a call is answered, with the stream id and the key that it says", "[srt][caller]") {
  Caller c;
  for (const std::int64_t bytes : {0, 16, 24, 32}) {
    net::SrtSettings settings{{"latency", std::int64_t{40}}, {"streamid", std::string("#!::r=a/b")}};
    c.door.say = {};
    if (bytes != 0) {
      settings.emplace_back("passphrase", std::string("a long passphrase"));
      settings.emplace_back("pbkeylen", bytes);
      c.door.say = {.passphrase = "a long passphrase", .key_bytes = static_cast<int>(bytes)};
    }
    const Outcome out = c.get(c.here(settings));
    INFO(bytes << " " << out.error.message() << " " << out.why);
    CHECK(out.answer == test::repeat(3, 188));
    CHECK(out.peer == "127.0.0.1");
    CHECK(c.door.heard == "#!::r=a/b");
  }
}

TEST_CASE("what a call is refused for is told in words", "[srt][caller]") {
  Caller c;
  c.door.say = {.reject = 1409};
  Outcome out = c.get(c.here());
  CHECK(out.error == static_cast<net::SrtErrc>(SRT_ECONNREJ));
  CHECK(out.why == "1409, somebody publishes this stream already");
  c.door.say = {.passphrase = "a long passphrase"};
  out = c.get(c.here({{"passphrase", std::string("another passphrase")}}));
  CHECK(out.error == static_cast<net::SrtErrc>(SRT_ECONNREJ));
  CHECK_FALSE(out.why.empty());
  CHECK(out.why.find("another passphrase") == std::string::npos);
}

TEST_CASE("nobody there is a time-out, an unknown option an error, and a stop ends the call", "[srt][caller]") {
  Caller c;
  SrtPlace nobody{.remote = *net::udp_address("127.0.0.1", 1), .local = {}, .settings = {}};
  nobody.settings = {{"conntimeo", std::int64_t{300}}};
  CHECK(c.get(nobody).error == net::Errc::timed_out);
  const Outcome odd = c.get(c.here({{"no_such_option", std::int64_t{1}}}));
  CHECK(odd.error);
  CHECK(odd.why == "the option no_such_option");
  nobody.settings = {{"conntimeo", std::int64_t{60'000}}};
  auto stopped = c.begin(nobody, true, "stopped");
  c.worker.post([&] { c.worker.stop_sessions(net::Errc::stopped, false, "stopped"); });
  CHECK(stopped.get().error == net::Errc::stopped);
}

TEST_CASE("callers share a port, and one with options of a port has its own", "[srt][caller]") {
  Caller c;
  std::vector<std::future<Outcome>> all;
  for (int i = 0; i < 8; ++i) all.push_back(c.begin(c.here()));
  all.push_back(c.begin(c.here({{"ipttl", std::int64_t{9}}})));
  for (auto& one : all) CHECK(one.get().answer == test::repeat(3, 188));
}

TEST_CASE("a rendezvous is one of two that call each other", "[srt][caller]") {
  Caller c;
  const std::uint16_t port = [] {
    const auto free = net::SrtListener::open({"127.0.0.1", 0}, 1, {}, *std::make_unique<test::SrtTestDoor>());
    return free->front()->port();
  }();
  for (int round = 0; round < 2; ++round) {  // and again on the port that the library may still have
    auto one = c.begin({.mode = Mode::rendezvous,
                        .remote = *net::udp_address("127.0.0.3", port),
                        .local = net::udp_address("127.0.0.2", port),
                        .settings = {}},
                       false);
    auto other = c.begin({.mode = Mode::rendezvous,
                          .remote = *net::udp_address("127.0.0.2", port),
                          .local = net::udp_address("127.0.0.3", port),
                          .settings = {}});
    const Outcome asked = other.get(), answered = one.get();
    INFO(asked.error.message() << " " << asked.why << " / " << answered.error.message() << " " << answered.why);
    CHECK(asked.answer == test::repeat(3, 188));
  }
}

TEST_CASE("a listener takes one caller, and the port is free for the next", "[srt][caller]") {
  Caller c;
  const std::uint16_t port = [] {
    const auto free = net::SrtListener::open({"127.0.0.1", 0}, 1, {}, *std::make_unique<test::SrtTestDoor>());
    return free->front()->port();
  }();
  for (int round = 0; round < 2; ++round) {
    auto called = c.begin({.mode = Mode::listener,
                           .remote = {},
                           .local = net::udp_address("127.0.0.1", port),
                           .settings = {{"passphrase", std::string("a long passphrase")}}},
                          false);
    test::SrtPeer peer(port, "x", {.passphrase = "a long passphrase"});
    REQUIRE(peer.connected());
    REQUIRE(peer.send(test::repeat(9, 188)));
    CHECK(peer.receive(20s) == test::repeat(9, 188));
    peer.close();
    CHECK(called.get().answer == test::repeat(9, 188));
  }
}

}  // namespace weir::test::caller_test
