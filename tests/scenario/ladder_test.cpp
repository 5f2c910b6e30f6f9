#include "base/text.h"
#include "scenario/support/hls_client.h"
#include "support/mpd_validator.h"

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

namespace {

const std::string dash_ladder =
    "min_latency on; dash { enabled on; dash_path /nonexistent; dash_fragment 1; dash_ladder _hi _lo; } ";

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// The addresses of the first segments that a manifest names.
std::vector<std::string> first_segments(const std::string& mpd) {
  std::vector<std::string> all;
  const auto value = [&](std::size_t from, const std::string& name) {
    const std::size_t begin = mpd.find(name + "=\"", from) + name.size() + 2;
    return mpd.substr(begin, mpd.find('"', begin) - begin);
  };
  for (std::size_t at = mpd.find("<SegmentTemplate"); at != std::string::npos;
       at = mpd.find("<SegmentTemplate", at + 1)) {
    std::string media = base::replace_all(value(at, "media"), "$Number$", value(at, "startNumber"));
    all.push_back("/live/" + base::replace_all(media, "&amp;", "&"));
    all.push_back("/live/" + value(at, "initialization"));
  }
  return all;
}

}  // namespace

TEST_CASE("renditions by name are in one manifest, aligned, and what it names is there", "[scenario][hls][dash]") {
  LiveServer server(dash_ladder);
  Encoder low(server, "cam_lo"), high(server, "cam_hi"), itself(server, "cam"), other(server, "cam_mid");
  std::string mpd;
  REQUIRE(soon([&] {
    mpd = get(server.http_port(), "/live/cam.mpd").body;
    return count_of(mpd, "id=\"video") == 3;
  }));
  INFO(mpd);
  CHECK(validate_mpd(mpd) == std::vector<std::string>());
  CHECK(count_of(mpd, "<AdaptationSet ") == 2 * count_of(mpd, "<Period "));  // pictures and sound
  CHECK(count_of(mpd, "segmentAlignment=\"true\"") == count_of(mpd, "<AdaptationSet "));
  CHECK(mpd.find("id=\"video_hi\"") < mpd.find("id=\"video_lo\""));
  CHECK(mpd.find("id=\"video_lo\"") < mpd.find("id=\"video\""));
  for (const std::string& address : first_segments(mpd)) {
    INFO(address);
    CHECK(get(server.http_port(), address).status == 200);
  }
  CHECK(count_of(get(server.http_port(), "/live/cam_mid.mpd").body, "id=\"video") == 1);
  CHECK(get(server.http_port(), "/live/cam.mpd?time=now").body.ends_with("Z"));
}

TEST_CASE("who was given the manifest of a ladder may have what it names", "[scenario][hls][dash]") {
  LiveServer server(dash_ladder + "security { enabled on; allow publish all; allow play all; } ");
  Encoder low(server, "cam_lo"), itself(server, "cam");
  std::string mpd;
  REQUIRE(soon([&] {
    mpd = get(server.http_port(), "/live/cam.mpd").body;
    return count_of(mpd, "id=\"video") == 2;
  }));
  for (const std::string& address : first_segments(mpd)) {
    INFO(address);
    CHECK(address.find("hls_ctx=") != std::string::npos);
    CHECK(get(server.http_port(), address).status == 200);
    CHECK(get(server.http_port(), address.substr(0, address.find('?'))).status == 403);
  }
}

}  // namespace weir::test::ladder_test
