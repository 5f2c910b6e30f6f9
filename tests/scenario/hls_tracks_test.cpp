#include "base/text.h"
#include "scenario/support/hls_client.h"
#include "support/bytes.h"

namespace weir::test::hls_tracks_test {

// What a publisher has beside one picture and one sound, as players of HLS and DASH get it.

using namespace std::chrono_literals;
using rtmp::MessageType;
using rtmp::Role;
using test::bytes;
using test::get;
using test::LiveServer;
using test::playlist;
using test::RtmpPeer;
using test::soon;
using test::operator+;

namespace {

const std::string avc = "01 42c01e ff e1 0019 6742c01eda0280bfe5c0440000030004000003 00f03c58ba80 01 0004 68ce3c80";

// The first video plainly, the second as an Enhanced RTMP message of one track, which comes first.
void send_both(RtmpPeer& peer, std::uint32_t from_ms, std::uint32_t end_ms) {
  for (std::uint32_t at = from_ms; at < end_ms; at += 40) {
    const bool key = at % 1000 == 0;
    peer.client.send(MessageType::video, at,
                     bytes(key ? "96 01 61766331 01 000000 00000020 65" : "a6 01 61766331 01 000000 00000020 41") +
                         test::repeat(0x33, 31));
    peer.client.send(MessageType::video, at,
                     bytes(key ? "17 01 000000 00000020 65" : "27 01 000000 00000020 41") + test::repeat(0x55, 31));
    peer.client.send(MessageType::audio, at + 10, bytes("af 01") + test::repeat(0x21, 30));
    peer.flush();
  }
}

void send_both_headers(RtmpPeer& peer) {
  peer.client.send(MessageType::video, 0, bytes("17 00 000000" + avc));
  peer.client.send(MessageType::video, 0, bytes("96 00 61766331 01" + avc));
  peer.client.send(MessageType::audio, 0, bytes("af 00 1210"));
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at) ++found;
  return found;
}

std::vector<std::string> variants(const std::string& master) {
  std::vector<std::string> all;
  for (const auto line : base::split(master, '\n')) {
    if (!line.empty() && line.front() != '#') all.emplace_back(line);
  }
  return all;
}

}  // namespace

TEST_CASE("several videos of a publisher are variants, also of a ladder, and share a set in DASH", "[scenario][hls]") {
  LiveServer server(
      "hls { enabled on; hls_fragment 1; hls_to_disk off; hls_use_fmp4 on; hls_ladder _hi; } dash { enabled on; "
      "dash_fragment 1; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam_hi");
  REQUIRE(publisher.wait_publishing());
  send_both_headers(publisher);
  send_both(publisher, 0, 4500);
  std::string master;
  REQUIRE(soon([&] { return variants(master = get(server.http_port(), "/live/cam.m3u8").body).size() == 2; }));
  INFO(master);
  CHECK(test::validate_master(master).empty());
  CHECK(count(master, "EXT-X-I-FRAME-STREAM-INF") == 2);
  CHECK(count(master, "TYPE=AUDIO") == 1);
  const auto lanes = variants(master);
  CHECK(lanes[0].find("/live/cam_hi~video.m3u8?hls_ctx=") == 0);
  CHECK(lanes[1].find("/live/cam_hi~video2.m3u8?hls_ctx=") == 0);
  for (const std::string& lane : lanes) {
    INFO(lane);
    const auto checked = test::validate_playlist(playlist(server, lane, 3));
    CHECK(checked.faults.empty());
    REQUIRE(checked.playlist.segments.size() >= 3);
    CHECK(std::count(checked.playlist.tags.begin(), checked.playlist.tags.end(), "#EXT-X-INDEPENDENT-SEGMENTS") == 1);
    CHECK(get(server.http_port(), "/live/" + checked.playlist.segments[0].uri).status == 200);
  }
  // A single session holds them all.
  CHECK(lanes[0].substr(lanes[0].find("hls_ctx=")) == lanes[1].substr(lanes[1].find("hls_ctx=")));
  std::string manifest;
  REQUIRE(soon([&] {
    return (manifest = get(server.http_port(), "/live/cam_hi.mpd").body).find("video2") != std::string::npos;
  }));
  INFO(manifest);
  CHECK(count(manifest, "<AdaptationSet ") == 2);
  CHECK(count(manifest, "<Representation ") == 3);
}

TEST_CASE("what a publisher says beside sound and pictures comes as ID3", "[scenario][hls]") {
  const bool fmp4 = GENERATE(false, true);
  LiveServer server(std::string("hls { enabled on; hls_fragment 1; hls_to_disk off; hls_use_fmp4 ") +
                    (fmp4 ? "on" : "off") + "; } dash { enabled on; dash_fragment 1; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "words");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  test::publish(publisher, 0, 30);
  // onTextData and an object {"text": "hi"}
  publisher.client.send(MessageType::data, 1210,
                        bytes("02 000a 6f6e5465787444617461 03 0004 74657874 02 0002 6869 000009"));
  test::publish(publisher, 30, 90);
  const auto checked = test::validate_playlist(playlist(server, "/live/words.m3u8?hls_ctx=p", 2));
  REQUIRE(checked.playlist.segments.size() >= 2);
  std::string all;
  for (const auto& segment : checked.playlist.segments) all += get(server.http_port(), "/live/" + segment.uri).body;
  CHECK(count(all, std::string("onTextData\0{\"text\":\"hi\"}", 24)) == 1);
  CHECK(count(all, "https://aomedia.org/emsg/ID3") == (fmp4 ? 1 : 0));
  std::string manifest;
  REQUIRE(soon(
      [&] { return (manifest = get(server.http_port(), "/live/words.mpd").body).find("<S ") != std::string::npos; }));
  CHECK(count(manifest, "<InbandEventStream schemeIdUri=\"https://aomedia.org/emsg/ID3\"/>") == 1);
}

TEST_CASE("a picture of each segment is asked for as a range", "[scenario][hls]") {
  LiveServer server("hls { enabled on; hls_fragment 1; hls_to_disk off; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "p");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  test::publish(publisher, 0, 90);
  CHECK_FALSE(playlist(server, "/live/p.m3u8?hls_ctx=p", 2).empty());
  const std::string master = get(server.http_port(), "/live/p.m3u8").body;
  CHECK(master.find("/live/p~iframes.m3u8?hls_ctx=") != std::string::npos);
  const auto checked = test::validate_playlist(playlist(server, "/live/p~iframes.m3u8", 2));
  CHECK(checked.faults.empty());
  REQUIRE_FALSE(checked.playlist.segments.empty());
  const auto& first = checked.playlist.segments.front();
  const std::size_t size = std::stoul(first.range);
  const auto answer =
      get(server.http_port(), "/live/" + first.uri, 5s, "Range: bytes=0-" + std::to_string(size - 1) + "\r\n");
  CHECK(answer.status == 206);
  CHECK(answer.body.size() == size);
}

}  // namespace weir::test::hls_tracks_test
