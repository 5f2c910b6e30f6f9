#include "scenario/support/camera.h"
#include "support/catch.h"

namespace weir::test::interruption_test {

using namespace std::chrono_literals;
using rtmp::Role;
using test::get, test::publish, test::playlist, test::scratch;
using test::LiveServer;
using test::pictures;
using test::RtmpPeer;

// An encoder whose connection breaks, and that comes back on whichever worker.

namespace {

std::unique_ptr<RtmpPeer> encoder(const LiveServer& server, const std::string& stream) {
  for (int i = 0; i < 100; ++i) {
    auto peer = std::make_unique<RtmpPeer>(server.rtmp_port(), Role::publish, stream);
    if (peer->run_until([&] { return peer->client.publishing() || peer->closed; }) && peer->client.publishing()) {
      peer->send_headers();
      return peer;
    }
  }
  return nullptr;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::vector<std::uintmax_t> files_in(const std::filesystem::path& folder, const std::string& suffix) {
  std::vector<std::uintmax_t> sizes;
  if (!std::filesystem::exists(folder)) return sizes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().string().ends_with(suffix)) sizes.push_back(entry.file_size());
  }
  return sizes;
}

}  // namespace

TEST_CASE("an encoder that is cut off and comes back interrupts no player", "[scenario]") {
  LiveServer server("min_latency on;");
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  test::Socket http(server.http_port());
  std::uint32_t clock = 0;
  for (std::size_t round = 1; round <= 6; ++round) {
    INFO(round);
    const auto publisher = encoder(server, "cam");
    REQUIRE(publisher);
    if (round == 1) http.send("GET /live/cam.flv HTTP/1.0\r\n\r\n");
    for (int i = 0; i < 10; ++i) publisher->send_frame(clock + static_cast<std::uint32_t>(i) * 40, i == 0);
    clock = clock * 7 + 100'000;  // each encoder has another clock
    REQUIRE(player.run_until([&] { return pictures(player) >= 10 * round; }));
  }
  std::int64_t last = -1;
  for (const auto& message : player.media) {
    if (message.type != rtmp::MessageType::video || message.payload.data()[1] != 1) continue;
    CHECK(message.time_ms == (last < 0 ? message.time_ms : last + 40));  // as if nothing had been
    last = message.time_ms;
  }
  CHECK(player.codes.empty());
  base::Buffer room(1 << 20);
  std::size_t heard = 0;
  for (int got = 1; got > 0; heard += static_cast<std::size_t>(std::max(got, 0))) {
    got = http.receive({room.data(), room.size()}, 200ms);
    CHECK(got != 0);  // the server has not ended it
  }
  CHECK(heard > 6 * 10 * 500);
}

TEST_CASE("HLS goes on behind one discontinuity for each time that its encoder was cut off", "[scenario][hls]") {
  const bool low_latency = GENERATE(false, true);
  LiveServer server("hls { enabled on; hls_fragment 1; hls_window 60; hls_to_disk off; hls_ctx off; hls_low_latency " +
                    std::string(low_latency ? "on" : "off") + "; }");
  for (std::size_t round = 1; round <= 3; ++round) {
    INFO(round);
    const auto publisher = encoder(server, "cam");
    REQUIRE(publisher);
    publish(*publisher, 0, 60);
    REQUIRE_FALSE(playlist(server, "/live/cam.m3u8", 3 * round - 1).empty());
  }
  const std::string text = playlist(server, "/live/cam.m3u8", 9);
  const auto checked = test::validate_playlist(text);
  CHECK(checked.faults.empty());
  CHECK(count(text, "#EXT-X-DISCONTINUITY\n") == 2);
  CHECK(count(text, "#EXT-X-ENDLIST") == 0);
  CHECK(checked.playlist.media_sequence == 0);
}

TEST_CASE("with dvr_continue a recording goes on in the same file", "[scenario]") {
  const bool goes_on = GENERATE(false, true);
  const auto folder = scratch(goes_on ? "continue" : "anew");
  {
    LiveServer server("dvr { enabled on; dvr_path " + folder.string() + "/[stream].[timestamp].flv; dvr_continue " +
                      (goes_on ? "on" : "off") + "; }");
    RtmpPeer player(server.rtmp_port(), Role::play, "cam");
    REQUIRE(player.wait_playing());
    for (std::size_t round = 1; round <= 2; ++round) {
      const auto publisher = encoder(server, "cam");
      REQUIRE(publisher);
      publish(*publisher, 0, 50);
      REQUIRE(player.run_until([&] { return pictures(player) >= 50 * round; }));
    }
    server.stop();
  }
  const auto sizes = files_in(folder, ".flv");
  REQUIRE(sizes.size() == (goes_on ? 1 : 2));
  std::uintmax_t all = 0;
  for (const std::uintmax_t size : sizes) all += size;
  CHECK(all > 2 * 50 * 560);
}

TEST_CASE("with a grace of zero HTTP players are told the end as soon as their encoder is cut off", "[scenario]") {
  LiveServer server("min_latency on; publish { grace 0; }");
  auto publisher = encoder(server, "cam");
  REQUIRE(publisher);
  publish(*publisher, 0, 5);
  test::Socket http(server.http_port());
  http.send("GET /live/cam.flv HTTP/1.0\r\n\r\n");
  base::Buffer room(1 << 20);
  REQUIRE(http.receive({room.data(), room.size()}, 3s) > 0);
  publisher.reset();
  int got = 1;
  while (got > 0) got = http.receive({room.data(), room.size()}, 3s);
  CHECK(got == 0);
}

TEST_CASE("a standby goes on with a stream whose encoder was cut off, at once", "[scenario]") {
  LiveServer server("min_latency on; publish { standby on; }");
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  auto main = encoder(server, "cam?priority=10");
  REQUIRE(main);
  main->send_frame(0, true);
  REQUIRE(player.run_until([&] { return pictures(player) == 1; }));
  const auto backup = encoder(server, "cam?priority=5");
  REQUIRE(backup);
  backup->send_frame(500'000, true);
  backup->send_frame(500'040, false);
  CHECK_FALSE(player.run_until([&] { return pictures(player) != 1; }, 50ms));
  main.reset();
  CHECK(player.run_until([&] { return pictures(player) == 3; }));
}

}  // namespace weir::test::interruption_test
