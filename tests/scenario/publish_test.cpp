#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"

namespace weir::test::publish_test {

using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;

TEST_CASE("with takeover a second publisher replaces the first, on whichever worker they are", "[scenario]") {
  LiveServer server("min_latency on; publish { takeover on; }", "workers 2;");
  std::vector<std::unique_ptr<RtmpPeer>> publishers;
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  for (int turn = 0; turn < 4; ++turn) {
    INFO(turn);
    publishers.push_back(std::make_unique<RtmpPeer>(server.rtmp_port(), Role::publish, "cam"));
    RtmpPeer& newest = *publishers.back();
    REQUIRE(newest.wait_publishing());
    const std::size_t before = player.media.size();
    newest.send_headers();
    newest.send_frame(0, true);
    CHECK(player.run_until([&] { return player.media.size() > before; }));
    if (turn > 0) CHECK(publishers[publishers.size() - 2]->wait_closed());
  }
  CHECK_FALSE(publishers.back()->closed);
}

TEST_CASE("with atc players are given the publisher's own time", "[scenario]") {
  LiveServer server("min_latency on; play { atc on; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publisher.send_frame(7'200'000, true);
  publisher.send_frame(7'200'040, false);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.run_until([&] { return !player.media.empty() && player.media.back().time_ms == 7'200'040; }));
  CHECK(player.media.front().time_ms == 7'200'000);
}

}  // namespace weir::test::publish_test
