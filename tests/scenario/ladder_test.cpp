#include "base/text.h"
#include "scenario/support/hls_client.h"

namespace weir::test::ladder_test {

// Streams that are renditions of one by their names, in one playlist.

using namespace std::chrono_literals;
using rtmp::Role;
using test::get;
using test::LiveServer;
using test::RtmpPeer;
using test::soon;

namespace {

const std::string ladder =
    "min_latency on; hls { enabled on; hls_path /nonexistent; hls_fragment 1; hls_ladder _hi _lo; } ";

struct Encoder {
  Encoder(const LiveServer& server, const std::string& name) : peer(server.rtmp_port(), Role::publish, name) {
    if (!peer.wait_publishing()) return;
    peer.send_headers();
    test::publish(peer, 0, 80);
  }
  RtmpPeer peer;
};

std::vector<std::string> addresses(const std::string& playlist) {
  std::vector<std::string> all;
  for (const auto line : base::split(playlist, '\n')) {
    if (!line.empty() && line.front() != '#') all.emplace_back(line);
  }
  return all;
}

}  // namespace

TEST_CASE("renditions by name are in one playlist, the stream itself last", "[scenario][hls]") {
  for (const char* ctx : {"on", "off"}) {
    INFO(ctx);
    LiveServer server(base::replace_all(ladder, "hls_ladder", std::string("hls_ctx ") + ctx + "; hls_ladder"));
    Encoder low(server, "cam_lo"), high(server, "cam_hi"), itself(server, "cam"), other(server, "cam_mid");
    std::vector<std::string> all;
    REQUIRE(
        soon([&] { return (all = addresses(get(server.http_port(), "/live/cam.m3u8?token=x").body)).size() == 3; }));
    CHECK(all[0].find("/live/cam_hi.m3u8?hls_ctx=") == 0);
    CHECK(all[1].find("/live/cam_lo.m3u8?hls_ctx=") == 0);
    CHECK(all[2].find("/live/cam.m3u8?hls_ctx=") == 0);
    for (const std::string& address : all) {
      INFO(address);
      CHECK(address.find("&token=x") != std::string::npos);
      const auto answer = get(server.http_port(), address);
      CHECK(answer.status == 200);
      CHECK(answer.body.find("#EXTINF") != std::string::npos);  // and no playlist of playlists
    }
    const std::string body = get(server.http_port(), "/live/cam.m3u8").body;
    CHECK(body.find("RESOLUTION=") != std::string::npos);
    // What is a rendition itself has none.
    CHECK(addresses(get(server.http_port(), "/live/cam_mid.m3u8").body).size() >= 1);
    CHECK(get(server.http_port(), "/live/cam_mid.m3u8").body.find("cam_hi") == std::string::npos);
  }
}

TEST_CASE("a stream that is there by its renditions alone has a playlist of them", "[scenario][hls]") {
  LiveServer server(ladder);
  CHECK(get(server.http_port(), "/live/cam.m3u8").status == 404);
  Encoder low(server, "cam_lo");
  REQUIRE(soon([&] { return addresses(get(server.http_port(), "/live/cam.m3u8").body).size() == 1; }));
}

}  // namespace weir::test::ladder_test
