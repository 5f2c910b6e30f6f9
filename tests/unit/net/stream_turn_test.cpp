#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "net/coroutine.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"
#include "net/worker.h"
#include "support/catch.h"
#include "support/certificate.h"
#include "support/stream_pair.h"

namespace weir::test::stream_turn_test {

// A peer that never pauses: before each read there is more, after each write there is room. Everything runs on the
// test's thread, so what one session does before another has its turn is counted and not timed.
using net::ByteStream;
using net::Task;

namespace {

struct Rig {
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  int peer = -1;
  std::unique_ptr<ByteStream> stream;
  std::uint64_t moved = 0;         // bytes, by the session under test
  std::uint64_t most_between = 0;  // two turns of the bystander
  int turns = 0;                   // of the bystander

  Rig() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    peer = ends[0];
    stream = net::make_tcp_stream(worker, ends[1]);
  }
  ~Rig() { ::close(peer); }

  void fill() const {
    static const std::array<char, 64 * 1024> bytes{};
    while (::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
    }
  }
  void drain() const {
    std::array<char, 64 * 1024> bytes;
    while (::recv(peer, bytes.data(), bytes.size(), 0) > 0) {
    }
  }
  // Another session of the worker, which only ever asks for its turn.
  Task<void> bystander() {
    std::uint64_t before = moved;
    for (; turns < 200; ++turns) {
      co_await boost::asio::post(worker.io(), net::use_ec);
      most_between = std::max(most_between, moved - std::exchange(before, moved));
    }
  }
  bool enough() const { return turns >= 200; }
  void run(Task<void> session) {
    boost::asio::co_spawn(worker.io(), std::move(session), boost::asio::detached);
    boost::asio::co_spawn(worker.io(), bystander(), boost::asio::detached);
    worker.io().run();
    CHECK(turns == 200);
    CHECK(most_between > 0);
    CHECK(worker.cut_turn_count() > 0);
    CHECK(stream->turn().cut_short() == worker.cut_turn_count());
  }
};

}  // namespace

TEST_CASE("a session that always finds something to read lets the others go first", "[net][turn]") {
  Rig rig;
  rig.run([](Rig& r) -> Task<void> {
    base::Buffer room(256 * 1024);
    while (!r.enough()) {
      r.fill();
      const auto count = co_await r.stream->read_some({room.data(), room.size()});
      REQUIRE(count);
      r.moved += *count;
    }
  }(rig));
  CHECK(rig.most_between <= 2 * net::Turn::most_bytes);
}

TEST_CASE("a session that reads by itself and waits in its own way is held to its turn too", "[net][turn]") {
  Rig rig;
  rig.run([](Rig& r) -> Task<void> {
    base::Buffer room(256 * 1024);
    while (!r.enough()) {
      r.fill();
      if (const auto count = r.stream->try_read({room.data(), room.size()})) {
        r.moved += *count;
        continue;
      }
      co_await boost::asio::post(r.worker.io(), net::use_ec);  // a timer, say: not readable()
    }
  }(rig));
  CHECK(rig.most_between <= 2 * net::Turn::most_bytes);
}

TEST_CASE("a callback that always finds something to read comes back in a later turn", "[net][turn]") {
  Rig rig;
  base::Buffer room(64 * 1024);
  std::function<void()> read = [&] {
    for (;;) {
      rig.fill();
      const auto count = rig.stream->try_read({room.data(), room.size()});
      if (!count) break;
      rig.moved += *count;
    }
    if (!rig.enough()) rig.stream->when_readable(read);
  };
  rig.run([](std::function<void()>& begin) -> Task<void> {
    begin();
    co_return;
  }(read));
  CHECK(rig.most_between <= 2 * net::Turn::most_bytes);
}

TEST_CASE("a session whose writes are always taken lets the others go first", "[net][turn]") {
  Rig rig;
  rig.run([](Rig& r) -> Task<void> {
    const base::Buffer answer(100);
    while (!r.enough()) {
      r.drain();
      REQUIRE(co_await r.stream->write(answer.bytes()));
      r.moved += answer.size();
    }
  }(rig));
  CHECK(rig.most_between <= 2 * net::Turn::most_bytes);
}

TEST_CASE("who is told to stop stops, though it never has to wait", "[net][turn]") {
  Rig rig;
  bool stopped = false;
  rig.worker.spawn("flood", [&](net::Life&) -> Task<void> {
    base::Buffer room(64 * 1024);
    for (;;) {
      rig.fill();
      const auto count = co_await rig.stream->read_some({room.data(), room.size()});
      if (count) continue;
      stopped = count.error() == net::Errc::stopped;
      co_return;
    }
  });
  boost::asio::post(rig.worker.io(), [&] { rig.worker.stop_sessions(net::Errc::stopped, false); });
  rig.worker.io().run();
  CHECK(stopped);
}

TEST_CASE("records of TLS are held to the turn of the connection below", "[net][turn][tls]") {
  const test::Certificate certificate("turn");
  std::string reason;
  auto server_context = net::TlsContext::make_server({certificate.certificate(), certificate.key()}, reason);
  auto client_context = net::TlsContext::make_client(net::TlsContext::Verify::off, "", reason);
  REQUIRE(server_context);
  REQUIRE(client_context);
  boost::asio::io_context io;
  auto [near, far] = test::make_stream_pair(io, 1U << 20U);
  auto server = net::TlsStream::make_server(std::move(near), **server_context);
  auto client = net::TlsStream::make_client(std::move(far), **client_context, "localhost");
  int turns = 0;
  std::uint64_t records = 0, most = 0;
  boost::asio::co_spawn(
      io,
      [](net::TlsStream& c, int& seen) -> Task<void> {
        REQUIRE(co_await c.handshake());
        const std::array<std::uint8_t, 1> byte{};
        while (seen < 50) {
          if (!co_await c.write(byte)) break;
        }
        c.close();
      }(*client, turns),
      boost::asio::detached);
  boost::asio::co_spawn(
      io,
      [](net::TlsStream& s, boost::asio::io_context& loop, int& seen, std::uint64_t& read,
         std::uint64_t& between) -> Task<void> {
        REQUIRE(co_await s.handshake());
        boost::asio::co_spawn(
            loop,
            [](boost::asio::io_context& l, int& n, const std::uint64_t& now, std::uint64_t& longest) -> Task<void> {
              for (std::uint64_t before = now; n < 50; ++n) {
                co_await boost::asio::post(l, net::use_ec);
                longest = std::max(longest, now - std::exchange(before, now));
              }
            }(loop, seen, read, between),
            boost::asio::detached);
        std::array<std::uint8_t, 64> room;
        while (co_await s.read_some(room)) ++read;
      }(*server, io, turns, records, most),
      boost::asio::detached);
  io.run();
  CHECK(turns == 50);
  CHECK(most <= 2 * net::Turn::most_bytes / net::Turn::step_bytes);
}

}  // namespace weir::test::stream_turn_test
