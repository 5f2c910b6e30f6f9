#include <memory>
#include <nlohmann/json.hpp>

#include "scenario/support/hls_client.h"
#include "scenario/support/rtmp_peer.h"
#include "scenario/support/srt_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::srt_hostile_test {

// SRT callers that want what they may not have, or mean no good.
using namespace std::chrono_literals;
using rtmp::Role;
using test::play_id;
using test::publish_id;
using test::RtmpPeer;
using test::SrtPeer;
using test::SrtPlayer;
using test::SrtServer;

TEST_CASE("callers are turned away with a code that says why", "[scenario][srt]") {
  SrtServer server("} vhost off.net {");
  SrtPeer publisher(server.port(), publish_id("cam"));
  REQUIRE(publisher.connected());
  // Once the first has the name.
  CHECK(test::soon([&] { return SrtPeer(server.port(), publish_id("cam")).reject() == 1409; }));
  const std::pair<std::string, int> cases[] = {
      {"live/cam#x", 1400},          {"#!:{\"r\":\"cam\"}", 1400},           {"#!::r=live/../cam,m=publish", 1400},
      {"#!::m=publish", 1400},       {"#!::r=live/x,m=bidirectional", 1405}, {"#!::h=off.net,r=live/x,m=publish", 1403},
      {std::string(512, '/'), 1400},
  };
  for (const auto& [id, code] : cases) {
    INFO(id);
    CHECK(SrtPeer(server.port(), id).reject() == code);
  }
  CHECK(publisher.alive());
  CHECK(SrtPeer(server.port(), std::string(512, 'a')).connected());  // long, and a name
  CHECK_FALSE(SrtPeer(server.port(), publish_id("file"), {.file_mode = true}).connected());
}

TEST_CASE("with as many connections as there may be, SRT callers hear so", "[scenario][srt]") {
  SrtServer server("", "", "max_connections_per_address 1;");
  SrtPeer first(server.port(), play_id("a"));
  REQUIRE(first.connected());
  SrtPeer second(server.port(), play_id("a"));
  // Each may have come to another worker, which take them in any order.
  test::soon([&] { return !first.alive() || !second.alive(); });
  CHECK(first.alive() != second.alive());
}

TEST_CASE("bytes that are no transport stream end their publisher, and nobody else", "[scenario][srt]") {
  SrtServer server("publish { firstpkt_timeout 1000; }");
  SrtPeer noise(server.port(), publish_id("noise"));
  REQUIRE(noise.connected());
  test::ByteVector bytes(1316);
  std::uint32_t seed = 1;
  CHECK(test::soon([&] {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
    return !noise.alive() || !noise.send(bytes);
  }));
  CHECK(noise.wait_closed(20s));
  // Packets, with nothing in them.
  SrtPeer empty(server.port(), publish_id("empty"));
  REQUIRE(empty.connected());
  test::ByteVector null = test::repeat(0xff, 188);
  null[0] = 0x47, null[1] = 0x1f, null[3] = 0x10;
  CHECK(test::soon([&] { return !empty.alive() || !empty.send(null); }));
  CHECK(empty.wait_closed(20s));
  SrtPeer good(server.port(), publish_id("noise"));
  CHECK(good.connected());
}

TEST_CASE("two hundred callers that connect and say nothing go, and a publisher among them is served",
          "[scenario][srt]") {
  SrtServer server("publish { firstpkt_timeout 1500; }");
  const std::uint16_t local = test::free_port();
  std::vector<std::unique_ptr<SrtPeer>> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(std::make_unique<SrtPeer>(server.port(), publish_id("s" + std::to_string(i)),
                                               SrtPeer::Options{.local_port = local}));
    CHECK(silent.back()->connected());
  }
  SrtPlayer player(server.port(), play_id("good"));
  SrtPeer good(server.port(), publish_id("good"));
  REQUIRE(good.connected());
  REQUIRE(good.send_all(test::test_file("ts/h264_aac.ts")));
  CHECK(player.wait_frames(30));
  for (const auto& one : silent) CHECK(one->wait_closed(30s));
  CHECK(player.peer.alive());
}

TEST_CASE("a player that reads nothing holds nobody up, and its lag is told", "[scenario][srt]") {
  SrtServer server("play { queue_length 1; }");
  RtmpPeer publisher(server.live().rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  SrtPeer stalled(server.port(), play_id("cam"), {.buffer_bytes = 64 * 1456});
  REQUIRE(stalled.connected());
  SrtPlayer reader(server.port(), play_id("cam"));
  REQUIRE(reader.peer.connected());
  // About 100 Mb/s of a stream that runs ten times as fast as it says.
  for (std::uint32_t i = 0; i < 500; ++i) {
    publisher.send_frame(i * 40, i % 25 == 0, 50'000);
    if (i % 10 == 9) (void)reader.wait_frames(reader.file.frames.size() + 10, 200ms);
  }
  // The server reads what waits in its sockets after the publisher has sent the last, and how fast is the machine's
  // affair: the player is behind by what the sockets took, or by as much as may wait before it goes on from a later key
  // frame.
  std::int64_t behind = 0;
  for (const auto until = std::chrono::steady_clock::now() + 30s;
       behind <= 2'000 && std::chrono::steady_clock::now() < until; (void)reader.wait_frames(450, 200ms)) {
    const auto listed = nlohmann::json::parse(test::get(server.live().http_port(), "/api/v1/clients/").body);
    for (const auto& one : listed["clients"]) {
      if (one["type"] == "srt-play") behind = std::max(behind, one["behind_ms"].get<std::int64_t>());
    }
  }
  CHECK(behind > 2'000);
  CHECK(reader.wait_frames(450, 30s));
  CHECK(reader.peer.alive());
  CHECK(test::get(server.live().http_port(), "/api/v1/versions").status == 200);
}

}  // namespace weir::test::srt_hostile_test
