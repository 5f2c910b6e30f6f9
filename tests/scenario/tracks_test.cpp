#include <nlohmann/json.hpp>

#include <set>

#include "scenario/support/hls_client.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::tracks_test {

// A stream's tracks are what arrives: those that come late, those that never come, those that an output cannot carry.
using namespace std::chrono_literals;
using rtmp::MessageType;
using rtmp::Role;
using test::bytes;
using test::get;
using test::LiveServer;
using test::playlist;
using test::RtmpPeer;
using test::operator+;

namespace {

const auto avc_header =
    bytes("17 00 000000 01 42c01e ff e1 0019 6742c01eda0280bfe5c0440000030004000003 00f03c58ba80 01 0004 68ce3c80");
const auto aac_header = bytes("af 00 1210");

void video(RtmpPeer& peer, std::uint32_t at, bool key) {
  peer.client.send(MessageType::video, at,
                   bytes(key ? "17 01 000000 00000020 65" : "27 01 000000 00000020 41") + test::repeat(0x55, 31));
}
void audio(RtmpPeer& peer, std::uint32_t at) {
  peer.client.send(MessageType::audio, at, bytes("af 01") + test::repeat(0x21, 30));
}

// 25 pictures a second with a key frame in each, and as many frames of sound; those of the kind `late` from `late_ms`
// on.
void publish_late(RtmpPeer& peer, MessageType late, std::uint32_t late_ms, std::uint32_t end_ms) {
  const auto send_header = [&](MessageType type, std::uint32_t at) {
    peer.client.send(type, at, type == MessageType::video ? avc_header : aac_header);
  };
  send_header(late == MessageType::video ? MessageType::audio : MessageType::video, 0);
  for (std::uint32_t at = 0; at < end_ms; at += 40) {
    if (at == late_ms) send_header(late, at);
    if (late != MessageType::video || at >= late_ms) video(peer, at, at % 1000 == 0);
    if (late != MessageType::audio || at >= late_ms) audio(peer, at + 10);
    peer.flush();
  }
}

std::set<int> pids_of(const std::string& ts) {
  std::set<int> pids;
  for (std::size_t at = 0; at + 188 <= ts.size(); at += 188) {
    pids.insert((static_cast<std::uint8_t>(ts[at + 1]) & 0x1f) << 8 | static_cast<std::uint8_t>(ts[at + 2]));
  }
  return pids;
}

std::size_t files_below(const std::filesystem::path& folder) {
  std::size_t count = 0;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) count += entry.is_regular_file();
  return count;
}

// What has come of a live stream within the limit.
std::string beginning(std::uint16_t port, const std::string& target, std::size_t least) {
  test::Socket socket(port);
  socket.send("GET " + target + " HTTP/1.0\r\nHost: x\r\n\r\n");
  std::string all;
  base::Buffer room(64 * 1024);
  while (all.size() < least + 400) {
    const int count = socket.receive({room.data(), room.size()}, 1s);
    if (count <= 0) break;
    all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  const auto end = all.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : all.substr(end + 4);
}

}  // namespace

TEST_CASE("a track that comes late is in the first segment and the one recording", "[scenario][tracks]") {
  const auto [late, late_ms] = GENERATE(std::pair(MessageType::audio, 320u), std::pair(MessageType::audio, 800u),
                                        std::pair(MessageType::video, 320u), std::pair(MessageType::audio, 40u));
  const std::string container = GENERATE("mp4", "flv");
  INFO(static_cast<int>(late) << " " << late_ms << " " << container);
  const auto folder = test::scratch("late-tracks");
  LiveServer server("hls { enabled on; hls_fragment 1; hls_to_disk off; } dvr { enabled on; dvr_path " +
                    folder.string() + "/[stream]." + container + "; }");
  {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "l");
    REQUIRE(publisher.wait_publishing());
    publish_late(publisher, late, late_ms, 4500);
    const auto checked = test::validate_playlist(playlist(server, "/live/l.m3u8?hls_ctx=p", 2));
    CHECK(checked.faults.empty());
    REQUIRE(checked.playlist.segments.size() >= 2);
    for (const auto& segment : checked.playlist.segments) CHECK_FALSE(segment.discontinuity);
    CHECK(checked.playlist.segments[0].duration > 0.9);
    const auto first = get(server.http_port(), "/live/" + checked.playlist.segments[0].uri);
    CHECK(pids_of(first.body).contains(0x100));
    CHECK(pids_of(first.body).contains(0x101));
    publisher.client.close();
    publisher.flush();
  }
  const auto file = folder / ("l." + container);
  // What it was written as goes after it has its name.
  test::soon([&] { return std::filesystem::exists(file) && files_below(folder) == 1; });
  CHECK(std::filesystem::exists(file));
  CHECK(files_below(folder) == 1);
  std::filesystem::remove_all(folder);
}

TEST_CASE("a track that joins later still ends nothing in FLV and TS", "[scenario][tracks]") {
  LiveServer server("publish { track_wait 100; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "j");
  REQUIRE(publisher.wait_publishing());
  RtmpPeer player(server.rtmp_port(), Role::play, "j");
  REQUIRE(player.wait_playing());
  publisher.client.send(MessageType::video, 0, avc_header);
  for (std::uint32_t at = 0; at < 1000; at += 40) video(publisher, at, at == 0);
  publisher.flush();
  REQUIRE(player.wait_media(10));
  publisher.client.send(MessageType::audio, 1000, aac_header);
  for (std::uint32_t at = 1000; at < 2000; at += 40) {
    video(publisher, at, at == 1000);
    audio(publisher, at);
  }
  publisher.flush();
  CHECK(player.run_until([&] {
    return std::any_of(player.media.begin(), player.media.end(),
                       [](const auto& message) { return message.type == MessageType::audio; });
  }));
  CHECK(std::count_if(player.media.begin(), player.media.end(), [](const auto& message) {
          return message.type == MessageType::video && message.payload.data()[1] == 0;
        }) == 1);
  CHECK_FALSE(player.closed);
}

TEST_CASE("what is announced and sends nothing is announced to nobody", "[scenario][tracks]") {
  const bool silent_audio = GENERATE(true, false);
  LiveServer server("publish { track_wait 200; normal_timeout 60000; } hls { enabled on; hls_fragment 1; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "s");
  REQUIRE(publisher.wait_publishing());
  publisher.client.send(MessageType::video, 0, avc_header);
  publisher.client.send(MessageType::audio, 0, aac_header);
  for (std::uint32_t at = 0; at < 4000; at += 40)
    silent_audio ? video(publisher, at, at % 1000 == 0) : audio(publisher, at);
  publisher.flush();
  const std::string flv = beginning(server.http_port(), "/live/s.flv", 200);
  REQUIRE(flv.starts_with("FLV"));
  CHECK(flv[4] == (silent_audio ? 1 : 4));
  const auto pids = pids_of(beginning(server.http_port(), "/live/s.ts", 1000));
  CHECK(pids.contains(silent_audio ? 0x100 : 0x101));
  CHECK_FALSE(pids.contains(silent_audio ? 0x101 : 0x100));
  const auto checked = test::validate_playlist(playlist(server, "/live/s.m3u8?hls_ctx=p", 2));
  CHECK(checked.faults.empty());
  RtmpPeer player(server.rtmp_port(), Role::play, "s");
  CHECK(player.wait_media(10));
}

TEST_CASE("sound is heard by newcomers while the camera is off", "[scenario][tracks]") {
  LiveServer server("publish { normal_timeout 60000; } play { gop_cache_max_time 2; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "m");
  REQUIRE(publisher.wait_publishing());
  publish_late(publisher, MessageType::audio, 0, 1000);
  for (std::uint32_t at = 1000; at < 9000; at += 40) audio(publisher, at);
  publisher.flush();
  CHECK(beginning(server.http_port(), "/live/m.flv", 500).size() > 500);
  CHECK(beginning(server.http_port(), "/live/m.ts", 500).size() > 500);
  CHECK(beginning(server.http_port(), "/live/m.mp4", 500).size() > 500);
}

TEST_CASE("what outputs cannot carry is told by the API", "[scenario][tracks]") {
  LiveServer server("publish { normal_timeout 60000; } hls { enabled on; hls_to_disk off; }",
                    "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "o");
  REQUIRE(publisher.wait_publishing());
  publisher.client.send(MessageType::video, 0, avc_header);
  for (std::uint32_t at = 0; at < 2000; at += 40) {
    video(publisher, at, at % 1000 == 0);
    publisher.client.send(MessageType::audio, at, bytes("72") + test::repeat(0x21, 30));  // G.711 A-law
  }
  publisher.flush();
  nlohmann::json told;
  test::soon([&] {
    const auto streams = nlohmann::json::parse(get(server.http_port(), "/api/v1/streams/").body)["streams"];
    if (!streams.empty() && streams[0].contains("left_out")) told = streams[0]["left_out"];
    return !told.empty();
  });
  CHECK(told.dump() == R"([{"codec":"G711A","outputs":["ts","mp4","hls"],"track":1}])");
}

}  // namespace weir::test::tracks_test
