#include <future>

#include "net/coroutine.h"
#include "net/srt/error.h"
#include "net/srt/library.h"
#include "net/srt/listener.h"
#include "net/worker_pool.h"
#include "support/catch.h"
#include "support/soon.h"
#include "support/srt_listener.h"
#include "support/srt_peer.h"

namespace weir::test::srt_test {

using namespace std::chrono_literals;
using net::SrtSocket;
using net::Task;
using test::SrtPeer;

TEST_CASE("messages go both ways with their borders", "[srt]") {
  test::SrtServer server(test::srt_echo);
  SrtPeer peer(server.port, "a name");
  REQUIRE(peer.connected());
  CHECK(server.door.heard == "a name");
  CHECK(server.door.from == "127.0.0.1");
  for (const std::size_t size : {1U, 188U, 1316U, 7U, 1316U}) {
    const auto sent = test::repeat(static_cast<std::uint8_t>(size), size);
    REQUIRE(peer.send(sent));
    const auto got = peer.receive();
    REQUIRE(got);
    CHECK(*got == sent);
  }
}

TEST_CASE("a caller over IPv6 is heard with its address", "[srt]") {
  test::SrtServer server(test::srt_echo, {"::1", 0});
  SrtPeer peer(server.port, "x", {.address = "::1"});
  REQUIRE(peer.connected());
  CHECK(server.door.from == "::1");
  REQUIRE(peer.send(test::repeat(7, 188)));
  CHECK(peer.receive());
}

TEST_CASE("the door turns callers away with its code, and says which key they need", "[srt]") {
  test::SrtServer server(test::srt_echo);
  server.door.say = {.reject = 1409};
  CHECK(SrtPeer(server.port, "x").reject() == 1409);
  for (const int bytes : {16, 24, 32}) {
    server.door.say = {.passphrase = "a long passphrase", .key_bytes = bytes};
    SrtPeer peer(server.port, "x", {.passphrase = "a long passphrase", .key_bytes = bytes});
    REQUIRE(peer.connected());
    REQUIRE(peer.send(test::repeat(1, 188)));
    CHECK(peer.receive() == test::repeat(1, 188));
  }
  CHECK(SrtPeer(server.port, "x", {.passphrase = "another passphrase"}).reject() == SRT_REJ_BADSECRET);
  CHECK(SrtPeer(server.port, "x").reject() == SRT_REJ_UNSECURE);
  server.door.say = {};
  CHECK(SrtPeer(server.port, "x", {.passphrase = "a long passphrase"}).reject() == SRT_REJ_UNSECURE);
}

TEST_CASE("what a peer sent before it left is read, and then the end", "[srt]") {
  std::promise<std::pair<std::size_t, base::ErrorCode>> ended;
  test::SrtServer server([&](net::Life&, SrtSocket& socket) -> Task<void> {
    std::array<std::uint8_t, SrtSocket::largest_message> room;
    for (std::size_t messages = 0;;) {
      const auto count = socket.try_read(room);
      if (count) {
        ++messages;
        continue;
      }
      if (count.error() == net::Errc::would_block && co_await socket.readable()) continue;
      ended.set_value({messages, count.error()});
      co_return;
    }
  });
  {
    SrtPeer peer(server.port, "x", {.latency_ms = 300});
    REQUIRE(peer.connected());
    for (int i = 0; i < 50; ++i) REQUIRE(peer.send(test::repeat(1, 188)));
    peer.close_when_sent();  // they are on the other side, and not due
  }
  const auto [messages, why] = ended.get_future().get();
  CHECK(messages == 50);
  CHECK(why == net::Errc::end_of_stream);
}

TEST_CASE("a peer that reads nothing blocks nobody, and room is told of", "[srt]") {
  std::promise<std::uint64_t> blocked;
  std::promise<bool> room_again;
  test::SrtServer server([&](net::Life&, SrtSocket& socket) -> Task<void> {
    socket.set_send_patience(10s);
    const auto message = test::repeat(1, 1316);
    std::uint64_t sent = 0;
    for (; socket.try_write(message); ++sent) {
    }
    blocked.set_value(sent);
    room_again.set_value((co_await socket.writable()).has_value() && !socket.over());
    (void)co_await socket.readable();
  });
  SrtPeer peer(server.port, "x");
  REQUIRE(peer.connected());
  CHECK(blocked.get_future().get() > 100);
  while (peer.receive(200ms)) {
  }
  CHECK(room_again.get_future().get());
}

TEST_CASE("a session that is stopped ends, whatever it waits for, and its peer sees the end", "[srt]") {
  test::SrtServer server([](net::Life&, SrtSocket& socket) -> Task<void> {
    std::array<std::uint8_t, SrtSocket::largest_message> room;
    do {
      while (const auto count = socket.try_read(room)) (void)socket.try_write(base::Bytes(room).first(*count));
    } while (co_await socket.readable());
    socket.close();
  });
  SrtPeer peer(server.port, "x");
  REQUIRE(peer.connected());
  // libsrt's blocking callers miss an end that comes while they connect, and lose what is sent to them then.
  REQUIRE(peer.send(test::repeat(1, 188)));
  REQUIRE(peer.receive(20s));
  server.worker.post([&] { server.worker.stop_sessions(net::Errc::stopped, false, "srt"); });
  CHECK(peer.wait_closed());
}

TEST_CASE("a port that another has is refused, and two listeners share one", "[srt]") {
  const auto logger = log::Logger::make_silent();
  const net::SrtLibrary library(logger.get());
  test::SrtTestDoor door;
  const auto first = net::SrtListener::open({"127.0.0.1", 0}, 2, {}, door);
  REQUIRE(first.has_value());
  CHECK(first->size() == 2);
  const std::uint16_t port = first->front()->port();
  CHECK(first->back()->port() == port);
  const auto second = net::SrtListener::open({"127.0.0.1", port}, 1, {}, door);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error() == boost::system::errc::address_in_use);
  CHECK_FALSE(net::SrtListener::open({"no address", 0}, 1, {}, door).has_value());
}

TEST_CASE("a caller in file mode is turned away", "[srt]") {
  test::SrtServer server(test::srt_echo);
  CHECK_FALSE(SrtPeer(server.port, "x", {.file_mode = true}).connected());
}

}  // namespace weir::test::srt_test
