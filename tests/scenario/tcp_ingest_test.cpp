#include "scenario/support/camera.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::tcp_ingest_test {

// Streams that somebody sends to a TCP port.

using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::pictures;
using test::rows;
using test::RtmpPeer;
using test::soon;

TEST_CASE("what is sent to a TCP port is published, whoever sends it and again when he comes back",
          "[scenario][sources]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on; publish { normal_timeout 60000; } source live/t { url tcp://127.0.0.1:" +
                        std::to_string(port) + "; }",
                    "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  const char* name = GENERATE("flv/h264_aac.flv", "ts/h264_aac.ts");
  const auto film = test::test_file(name);
  const std::string text(reinterpret_cast<const char*>(film.data()), film.size());
  RtmpPeer player(server.rtmp_port(), Role::play, "t");
  REQUIRE(player.wait_playing());
  for (std::size_t round = 1; round <= 2; ++round) {
    std::optional<test::Socket> sender;
    REQUIRE(soon([&] {
      sender.emplace(port);  // who left frees the place a moment later
      return sender->send(text) && player.run_until([&] { return pictures(player) >= 5 * round; }, 3s);
    }));
  }
  CHECK(rows(server, "sources").size() == 1);
}

}  // namespace weir::test::tcp_ingest_test
