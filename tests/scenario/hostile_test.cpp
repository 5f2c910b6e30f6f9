#include <random>
#include <thread>

#include "scenario/support/hls_client.h"
#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "scenario/support/witness.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::hostile_test {

// Bad peers: each loses its own connection and costs nobody else anything.
using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;
using test::Socket;
using test::Witness;
using test::operator+;

namespace {

bool closed_within(Socket& socket, std::chrono::milliseconds limit) {
  base::Buffer room(64 * 1024);
  const auto until = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < until) {
    if (socket.receive({room.data(), room.size()}, 50ms) == 0) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("random bytes close that connection alone", "[scenario][hostile]") {
  LiveServer server("min_latency on;");
  Witness witness(server);
  std::mt19937 random(7);
  for (int i = 0; i < 30; ++i) {
    const bool http = i % 2 == 0;
    Socket socket(http ? server.http_port() : server.rtmp_port());
    test::ByteVector noise(4000);
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
    if (!http) noise[0] = static_cast<std::uint8_t>(4 + i);  // a version that is none
    socket.send(noise);
    CHECK(closed_within(socket, 3s));
  }
  CHECK(witness.well());
}

TEST_CASE("garbage after a good handshake is refused with the byte where it stands", "[scenario][hostile]") {
  LiveServer server("min_latency on;", "workers 2; rtmp { max_message_bytes 1000000; }");
  Witness witness(server);
  for (const char* garbage : {"c9", "02 000000 000004 01 00000000 00000000", "02 000000 000004 01 00000000 7fffffff",
                              "03 000000 ffffff 14 00000000", "05 000000 000010 14 00000000 0a ffffffff"}) {
    RtmpPeer peer(server.rtmp_port(), Role::play, "x");
    CAPTURE(garbage);
    REQUIRE(peer.wait_playing());
    peer.socket.send(test::bytes(garbage) + test::repeat(0xff, 200));
    CHECK(closed_within(peer.socket, 3s));
  }
  CHECK(witness.well());
}

TEST_CASE("a handshake that stalls is ended by its time limit", "[scenario][hostile]") {
  LiveServer server("min_latency on;", "workers 2; rtmp { handshake_timeout 0.3; }");
  Witness witness(server);
  Socket silent(server.rtmp_port());
  Socket half(server.rtmp_port());
  half.send(test::bytes("03 00000000"));
  CHECK(closed_within(silent, 3s));
  CHECK(closed_within(half, 3s));
  CHECK(witness.well());
}

TEST_CASE("a writer of one byte a second does not outlive the limit", "[scenario][hostile]") {
  LiveServer server("min_latency on;", "workers 2; rtmp { handshake_timeout 0.5; }");
  Socket slow(server.rtmp_port());
  bool closed = false;
  for (int i = 0; i < 20 && !closed; ++i) {
    slow.send(test::bytes("03"));
    closed = closed_within(slow, 100ms);
  }
  CHECK(closed);
}

TEST_CASE("half-open connections by the hundred leave room for those who speak", "[scenario][hostile]") {
  LiveServer server("min_latency on;", "workers 2; rtmp { handshake_timeout 1; }");
  Witness witness(server);
  std::vector<std::unique_ptr<Socket>> silent;
  for (int i = 0; i < 600; ++i)
    silent.push_back(std::make_unique<Socket>(server.rtmp_port()));  // max_connections is 500
  CHECK(witness.well());
  CHECK(closed_within(*silent.back(), 3s));
  CHECK(test::soon([&] {  // the limit frees the places
    RtmpPeer late(server.rtmp_port(), Role::play, "witness");
    return late.wait_playing();
  }));
  CHECK(witness.well());
}

TEST_CASE("who looks after a server that is full still gets in", "[scenario][hostile]") {
  const std::uint16_t api = test::free_port();
  LiveServer server("", "workers 2; rtmp { handshake_timeout 60; } http_api { enabled on; listen 127.0.0.1:" +
                            std::to_string(api) + "; }");
  std::vector<std::unique_ptr<Socket>> silent;
  for (int i = 0; i < 510; ++i) silent.push_back(std::make_unique<Socket>(server.rtmp_port()));
  base::Buffer room(1024);
  CHECK(test::soon([&] {  // max_connections is 500
    const auto closed = [&](const auto& one) { return one->receive({room.data(), room.size()}, 1ms) == 0; };
    return std::count_if(silent.begin(), silent.end(), closed) == 10;
  }));
  CHECK(test::get(api, "/api/v1/summaries").status == 200);
}

TEST_CASE("a reader that never reads is skipped forward and ended, the others get everything", "[scenario][hostile]") {
  LiveServer server("min_latency on; play { queue_bytes 2000000; send_timeout 1; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "big");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  RtmpPeer good(server.rtmp_port(), Role::play, "big");
  REQUIRE(good.wait_playing());
  RtmpPeer bad(server.rtmp_port(), Role::play, "big");
  bad.socket.set_receive_buffer(4096);
  REQUIRE(bad.wait_playing());
  for (int i = 0; i < 150; ++i) {
    publisher.send_frame(static_cast<std::uint32_t>(i) * 100, i % 10 == 0, 100'000);
    good.run_until([&] { return good.media.size() >= 2 * static_cast<std::size_t>(i); }, 1s);
  }
  CHECK(good.wait_media(300));  // and two sequence headers
  // The stream goes on, so that there is always something that the bad one does not take: it stalls, whatever fitted
  // into the kernel's buffers before.
  for (std::uint32_t i = 150; i < 200; ++i) {
    publisher.send_frame(i * 100, i % 10 == 0, 100'000);
    good.run_until([&] { return good.media.size() > 2 * static_cast<std::size_t>(i) + 4; }, 50ms);
  }
  CHECK(good.wait_media(400));
  bad.socket.set_receive_buffer(1 << 20);
  base::Buffer room(1 << 20);
  std::size_t read = 0;
  for (;;) {  // what the kernel still held, and then the end
    const int count = bad.socket.receive({room.data(), room.size()}, 10s);
    if (count <= 0) {
      CHECK(count == 0);
      break;
    }
    read += static_cast<std::size_t>(count);
  }
  CHECK(read < 200 * 100'000);
}

TEST_CASE("an unknown virtual host is refused in words", "[scenario][hostile]") {
  LiveServer server("enabled off;");
  RtmpPeer peer(server.rtmp_port(), Role::play, "x");
  CHECK(peer.wait_status("NetConnection.Connect.Rejected"));
  CHECK(peer.wait_closed());
}

TEST_CASE("timestamps that jump by hours come out as one line of time", "[scenario][hostile]") {
  LiveServer server("min_latency on;");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "jump");
  REQUIRE(publisher.wait_publishing());
  RtmpPeer player(server.rtmp_port(), Role::play, "jump");
  REQUIRE(player.wait_playing());
  publisher.send_headers();
  std::uint32_t times[] = {0, 40, 80, 10'800'000, 10'800'040, 100, 140, 4'000'000'000u, 4'000'000'040u, 180};
  bool key = true;
  for (const std::uint32_t time : times) publisher.send_frame(time, std::exchange(key, false));
  REQUIRE(player.wait_media(22));
  std::int64_t last = 0;
  for (const auto& message : player.media) {
    CHECK(message.time_ms >= last);
    CHECK(message.time_ms < last + 5000);
    last = message.time_ms;
  }
}

TEST_CASE("frames before their sequence header are not sent to anybody", "[scenario][hostile]") {
  LiveServer server("min_latency on;");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "headless");
  REQUIRE(publisher.wait_publishing());
  RtmpPeer player(server.rtmp_port(), Role::play, "headless");
  REQUIRE(player.wait_playing());
  publisher.send_frame(0, true);
  publisher.send_headers();
  publisher.send_frame(40, true);
  REQUIRE(player.wait_media(4));
  int frames = 0;
  for (const auto& message : player.media)
    frames += message.type == rtmp::MessageType::video && message.payload.data()[1] == 1;
  CHECK(frames == 1);
}

}  // namespace weir::test::hostile_test
