#include "scenario/support/overlay_folder.h"
#include "support/catch.h"

namespace weir::test::still_test {

// `publish { slate last; }`: the last picture of a stream stands while nobody feeds it.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::pictures;
using test::RtmpPeer;
using test::soon;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string state(const LiveServer& server) {
  const auto rows = test::rows(server, "streams");
  return rows.size() == 1 && rows[0].contains("source") ? rows[0]["source"]["state"].get<std::string>() : "none";
}

// What of the messages behind the first `from` is a coded picture, or sound.
std::vector<rtmp::MediaReceived> coded(const RtmpPeer& player, rtmp::MessageType type, std::size_t from) {
  std::vector<rtmp::MediaReceived> all;
  for (std::size_t i = from; i < player.media.size(); ++i) {
    const auto& message = player.media[i];
    if (message.type == type && message.payload.data()[1] == 1) all.push_back(message);
  }
  return all;
}

// By the end of a connection that says nothing: as an encoder that loses its network.
void cut_off(std::unique_ptr<Camera>& camera) {
  camera->peer.socket.cut();
  camera.reset();
}

}  // namespace

TEST_CASE("players see the last key frame stand, hear nothing, and go on with the next publisher",
          "[scenario][still]") {
  LiveServer server(
      "min_latency on; publish { slate last; grace 0; } hls { enabled on; hls_fragment 1; hls_window 60; hls_to_disk "
      "off; hls_ctx off; }",
      with_api);
  auto camera = std::make_unique<Camera>(server);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(test::plays(player, *camera, 25));
  test::Socket http(server.http_port());
  http.send("GET /live/cam.flv HTTP/1.0\r\n\r\n");
  const auto segments = [&] {
    const std::string text = test::get(server.http_port(), "/live/cam.m3u8").body;
    std::size_t count = 0;
    for (auto at = text.find("#EXTINF"); at != std::string::npos; at = text.find("#EXTINF", at + 1)) ++count;
    return count;
  };
  const std::size_t segments_before = segments();
  const std::size_t film = player.media.size();
  const auto before = coded(player, rtmp::MessageType::video, 0);
  const auto key = *std::find_if(before.rbegin(), before.rend(),
                                 [](const auto& message) { return message.payload.data()[0] == 0x17; });
  const auto began = std::chrono::steady_clock::now();
  cut_off(camera);
  REQUIRE(player.run_until([&] { return coded(player, rtmp::MessageType::video, film).size() >= 5; }));
  CHECK(state(server) == "slate");

  const auto standing = coded(player, rtmp::MessageType::video, film);
  for (std::size_t i = 0; i < standing.size(); ++i) {
    CHECK(test::hex(standing[i].payload) == test::hex(key.payload));
    if (i > 0) CHECK(standing[i].time_ms - standing[i - 1].time_ms == 1000);
  }
  CHECK(standing[0].time_ms > before.back().time_ms);
  const auto sound = coded(player, rtmp::MessageType::audio, film);
  REQUIRE(sound.size() > 100);
  for (const auto& message : sound) CHECK(test::hex(message.payload) == "af012000000000000e");
  // A newcomer has a picture, too.
  RtmpPeer late(server.rtmp_port(), Role::play, "cam");
  CHECK(late.run_until([&] { return pictures(late) >= 2; }));
  CHECK(soon([&] { return segments() >= segments_before + 4; }));

  camera = std::make_unique<Camera>(server);
  const std::size_t stood = pictures(player);
  REQUIRE(test::plays(player, *camera, stood + 20));
  CHECK(state(server) == "live");
  const auto all = coded(player, rtmp::MessageType::video, 0);
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i].time_ms > all[i - 1].time_ms);
  // The time of the stream went on as the clock did.
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  CHECK(coded(player, rtmp::MessageType::video, film)[5].time_ms - before.back().time_ms < passed.count() + 1100);
  CHECK(player.codes.empty());
  CHECK_FALSE(player.closed);
  CHECK_FALSE(late.closed);
  base::Buffer room(1 << 20);
  std::size_t bytes = 0;
  for (int got = 1; got > 0; bytes += static_cast<std::size_t>(std::max(got, 0))) {
    got = http.receive({room.data(), room.size()}, 200ms);
    CHECK(got != 0);  // it was not ended
  }
  CHECK(bytes > 0);
  const std::string text = test::get(server.http_port(), "/live/cam.m3u8").body;
  CHECK(text.find("#EXT-X-ENDLIST") == std::string::npos);
  const std::string metrics = test::get(server.http_port(), "/metrics").body;
  double slates = 0;
  for (auto at = metrics.find("weir_stream_slates_total{"); at != std::string::npos;
       at = metrics.find("weir_stream_slates_total{", at + 1)) {
    slates += std::stod(metrics.substr(metrics.find("} ", at) + 2));
  }
  CHECK(slates == 1);
}

TEST_CASE("a picture stands as long as slate_limit says, or until its publisher says that this is the end",
          "[scenario][still]") {
  LiveServer server("min_latency on; publish { slate last; slate_limit 2; }", with_api);
  test::Socket http(server.http_port());
  auto camera = std::make_unique<Camera>(server);
  http.send("GET /live/cam.flv HTTP/1.0\r\n\r\n");
  base::Buffer room(1 << 20);
  REQUIRE(http.receive({room.data(), room.size()}, 10s) > 0);
  SECTION("cut off") {
    cut_off(camera);
    CHECK(soon([&] { return state(server) == "slate"; }));
    CHECK(soon([&] { return state(server) == "none"; }));
  }
  SECTION("ended") {
    camera->peer.client.close();
    camera->peer.flush();
    CHECK(soon([&] { return state(server) == "none"; }, 1500ms));
  }
  // Then whoever plays it is told the end.
  int got = 1;
  while (got > 0) got = http.receive({room.data(), room.size()}, 10s);
  CHECK(got == 0);
}

}  // namespace weir::test::still_test
