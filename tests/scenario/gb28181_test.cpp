#include "scenario/support/camera.h"
#include "scenario/support/gb_peer.h"
#include "scenario/support/gb_server.h"
#include "support/catch.h"

namespace weir::test::gb28181_test {

// Cameras that register by SIP and are invited, from REGISTER to what a player sees.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::GbPeer;
using test::LiveServer;
using test::pictures;
using test::RtmpPeer;

namespace {

using Site = test::GbServer;

const std::string stream = "34020000001110000001_34020000001320000001";

}  // namespace

TEST_CASE("a camera that registers is played when somebody asks, and stops when nobody does", "[gb28181]") {
  for (const bool tcp : {false, true}) {
    Site site("on_demand on;", "password 12345678;");
    GbPeer camera(site.port, tcp);
    camera.device.password = "12345678";
    REQUIRE(site.registers(camera));
    const json row = site.device(camera.device.id);
    CHECK(row["online"] == true);
    CHECK(row["transport"] == (tcp ? "tcp" : "udp"));
    const json channels = site.ask("/gb/v1/devices/" + camera.device.id + "/channels");
    REQUIRE(channels["channels"].size() == 1);
    CHECK(channels["channels"][0]["stream"] == stream);
    CHECK(camera.device.calls.empty());
    {
      RtmpPeer player(site.server->rtmp_port(), Role::play, stream);
      REQUIRE(Site::sees(camera, player));
      CHECK(camera.device.calls.size() == 1);
      const json calls = site.ask("/gb/v1/devices/" + camera.device.id + "/calls");
      CHECK(calls["calls"][0]["state"] == "playing");
      CHECK(calls["calls"][0]["why"] == "");
      CHECK(calls["calls"][0]["format"] == "H.264 720P 25 fps 4096 kb/s CBR, G.711 64 kb/s 8 kHz");
    }
    REQUIRE(Site::until(camera, [&] { return camera.device.calls.back().ended; }));
  }
}

TEST_CASE("media by UDP, with an SSRC of the device's own", "[gb28181]") {
  Site site("on_demand on; transport udp;");
  GbPeer camera(site.port, false);
  camera.media_by_udp = true;
  camera.device.y = "0302009394";
  REQUIRE(site.registers(camera));
  RtmpPeer player(site.server->rtmp_port(), Role::play, stream);
  REQUIRE(Site::sees(camera, player));
}

TEST_CASE("a player hears at once that a device refuses", "[gb28181]") {
  Site site;
  GbPeer camera(site.port, true);
  camera.device.refuses_with = 486;
  REQUIRE(site.registers(camera));
  RtmpPeer player(site.server->rtmp_port(), Role::play, stream);
  REQUIRE(Site::until(camera, [&] {
    player.run_until([&] { return player.closed; }, 5ms);
    return player.closed;
  }));
  const json calls = site.ask("/gb/v1/devices/" + camera.device.id + "/calls");
  CHECK(calls["calls"][0]["why"].get<std::string>().starts_with("the device is busy (486)"));
}

TEST_CASE("a device that accepts and sends nothing is given up, and the API says what was missing", "[gb28181]") {
  Site site;
  GbPeer camera(site.port, true);
  camera.sends_media = false;
  REQUIRE(site.registers(camera));
  RtmpPeer player(site.server->rtmp_port(), Role::play, stream);
  REQUIRE(Site::until(camera, [&] {
    player.run_until([&] { return player.closed; }, 5ms);
    return player.closed;
  }));
  const json calls = site.ask("/gb/v1/devices/" + camera.device.id + "/calls");
  CHECK(calls["calls"][0]["why"].get<std::string>().find("no packet came") != std::string::npos);
  CHECK(camera.device.calls.size() == 2);  // it was asked twice
}

TEST_CASE("as in SRS a camera is invited when it registers, and again when its media breaks off", "[gb28181]") {
  Site site("on_demand off;");
  GbPeer camera(site.port, true);
  REQUIRE(site.registers(camera));
  RtmpPeer player(site.server->rtmp_port(), Role::play, camera.device.id);
  REQUIRE(Site::sees(camera, player));
  // It goes on with the pictures of a call that has ended: the next one is played all the same.
  camera.stops_after_bye = false;
  camera.device.hang_up(0);
  REQUIRE(Site::until(camera, [&] { return camera.device.calls.size() >= 2; }));
  player.media.clear();
  REQUIRE(Site::sees(camera, player));
}

TEST_CASE("a camera is moved, its recordings asked for and played back by the API", "[gb28181]") {
  Site site;
  GbPeer camera(site.port, false);
  REQUIRE(site.registers(camera));
  const std::string base = "/gb/v1/devices/" + camera.device.id;
  const auto post = [&](const std::string& path) { return site.ask(path, "POST"); };
  CHECK(post(base + "/ptz?tilt=up&speed=100")["code"] == 0);
  REQUIRE(Site::until(camera, [&] {
    return !camera.device.commands.empty() &&
           camera.device.commands.back().root.text_of("PTZCmd") == "A50F010800640021";
  }));
  CHECK(post(base + "/preset?do=call&number=5")["code"] == 0);
  REQUIRE(
      Site::until(camera, [&] { return camera.device.commands.back().root.text_of("PTZCmd") == "A50F01820005003C"; }));
  CHECK(post(base + "/preset?number=0")["code"] == 400);
  CHECK(post(base + "/ptz?pan=sideways")["code"] == 400);
  CHECK(post("/gb/v1/devices/34020000001110000099/ptz")["code"] == 404);

  json records;
  std::thread asker([&] {
    records =
        site.ask(base + "/records?channel=34020000001320000001&start=2026-01-02T00:00:00&end=2026-01-03T00:00:00");
  });
  const bool came = Site::until(
      camera, [&] { return !camera.device.commands.empty() && camera.device.commands.back().command == "RecordInfo"; });
  asker.join();
  REQUIRE(came);
  CHECK(records["complete"] == true);
  CHECK(records["records"].size() == 2);

  const json playback = post(base + "/invite?type=playback&start=1767322800&end=1767326400");
  REQUIRE(playback["code"] == 0);
  REQUIRE(Site::until(camera, [&] { return !camera.device.calls.empty() && camera.sending(); }));
  const std::string played = playback["stream"];
  RtmpPeer player(site.server->rtmp_port(), Role::play, played);
  REQUIRE(Site::sees(camera, player, 2));
  CHECK(post(base + "/control?app=live&stream=" + played + "&do=seek&seconds=60")["code"] == 0);
  REQUIRE(Site::until(camera, [&] { return !camera.device.infos.empty(); }));
  CHECK(camera.device.infos.back().find("npt=60-") != std::string::npos);
  CHECK(post(base + "/bye?app=live&stream=" + played)["code"] == 0);
  REQUIRE(Site::until(camera, [&] { return camera.device.calls.back().ended; }));
}

TEST_CASE("a recording whose device closes its connection and says nothing is over for its players", "[gb28181]") {
  // Neither the stream's grace nor the time of a silent device is waited for.
  Site site("on_demand on;", "timeout 60;", "publish { grace 60; }");
  GbPeer camera(site.port, false);
  REQUIRE(site.registers(camera));
  const json playback =
      site.ask("/gb/v1/devices/" + camera.device.id + "/invite?type=playback&start=1767322800&end=1767326400", "POST");
  REQUIRE(playback["code"] == 0);
  REQUIRE(Site::until(camera, [&] { return !camera.device.calls.empty() && camera.sending(); }));
  test::Socket player(site.server->http_port());
  player.send("GET /live/" + playback["stream"].get<std::string>() + ".flv HTTP/1.0\r\nHost: x\r\n\r\n");
  base::Buffer room(64 * 1024);
  std::size_t bytes = 0;
  bool over = false;
  const auto read = [&] {
    const int count = player.receive({room.data(), room.size()}, 5ms);
    bytes += count > 0 ? static_cast<std::size_t>(count) : 0;
    over = count == 0;
  };
  REQUIRE(Site::until(camera, [&] {
    read();
    return bytes > 10'000;
  }));
  camera.stop_media();
  const auto begun = std::chrono::steady_clock::now();
  CHECK(Site::until(camera, [&] {
    if (!over) read();
    return over;
  }));
  CHECK(std::chrono::steady_clock::now() - begun < 8s);  // a second, on a machine that has the time
  CHECK(Site::until(camera, [&] { return camera.device.calls.back().ended; }));
}

TEST_CASE("what is no SIP is left out, and the server goes on", "[gb28181]") {
  Site site;
  test::GbSocket datagrams(SOCK_DGRAM, site.port);
  for (const std::string_view text :
       {"GET / HTTP/1.1\r\n\r\n", "\r\n\r\n", "REGISTER sip:a SIP/2.0\r\nVia: x\r\n\r\n"}) {
    REQUIRE(datagrams.send(base::as_bytes(text)));
  }
  test::GbSocket connection(SOCK_STREAM, site.port);
  REQUIRE(connection.send(base::as_bytes(std::string(20'000, 'a'))));
  GbPeer camera(site.port, false);
  REQUIRE(site.registers(camera));
  const std::string metrics = test::get(site.server->http_port(), "/metrics").body;
  CHECK(site.ask("/gb/v1/devices/")["totals"]["online"] == 1);
}

}  // namespace weir::test::gb28181_test
