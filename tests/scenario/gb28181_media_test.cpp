#include <nlohmann/json.hpp>

#include "scenario/support/camera.h"
#include "scenario/support/gb_clip.h"
#include "support/catch.h"

namespace weir::test::gb28181_media_test {

// The media of GB28181 devices, whose signalling somebody else does: a place is opened by the API, packs come by UDP or
// TCP, and players get the frames that were sent, byte by byte.

using namespace std::chrono_literals;
using media::TrackId;
using nlohmann::json;
using rtmp::Role;
using test::bodies;
using test::clip;
using test::GbSender;
using test::LiveServer;
using test::PsFaults;
using test::PsMaker;
using test::RtmpPeer;
using test::send_clip;
using test::sent_bodies;
using Way = GbSender::Way;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } ";

// The caster at a port of its own, or with a port for each stream.
std::string caster(std::uint16_t port, const std::string& more = "") {
  return std::string(with_api) +
         "stream_caster { enabled on; caster gb28181; listen 127.0.0.1:" + std::to_string(port) +
         "; output rtmp://127.0.0.1/live/[stream]; " + more + " sip { enabled off; timeout 2; } }";
}
std::string ports() {
  const std::uint16_t low = test::free_ports(41);
  return "media_ports " + std::to_string(low) + "-" + std::to_string(low + 40) + ";";
}

json post(const LiveServer& server, const std::string& body) {
  test::Socket socket(server.http_port());
  socket.send("POST /gb/v1/publish/ HTTP/1.0\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  std::string all;
  base::Buffer room(4096);
  for (;;) {
    const int count = socket.receive({room.data(), room.size()}, 30s);
    if (count <= 0) break;
    all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  const auto end = all.find("\r\n\r\n");
  return end == std::string::npos ? json() : json::parse(all.substr(end + 4), nullptr, false);
}
json open(const LiveServer& server, const std::string& id, const std::string& ssrc) {
  return post(server, json{{"id", id}, {"ssrc", ssrc}}.dump());
}
json media_of(const LiveServer& server, const std::string& id) {
  const auto answer = json::parse(test::get(server.http_port(), "/gb/v1/media/").body, nullptr, false);
  if (!answer.is_object()) return {};
  for (const auto& one : answer["media"]) {
    if (one["stream"] == id) return one;
  }
  return {};
}

}  // namespace

TEST_CASE("packs of a camera, sent with every fault, are the frames that players get", "[scenario][gb28181]") {
  struct Case {
    Way way;
    bool own_ports;
    PsFaults faults;
  };
  const auto one = GENERATE(
      Case{Way::tcp, false, {}}, Case{Way::tcp_dollar, false, {.most_payload = 1'400}},
      Case{Way::tcp, true, {.times = PsFaults::Times::none}}, Case{Way::udp, true, {.map = PsFaults::Map::wrong}},
      Case{Way::udp, true, {.most_payload = 900, .times = PsFaults::Times::each, .private_data = true}},
      Case{Way::udp, true, {.map = PsFaults::Map::none, .length = PsFaults::Length::zero, .pack_for_each_nal = true}});
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on;", caster(port, one.own_ports ? ports() : ""));
  RtmpPeer player(server.rtmp_port(), Role::play, "34020000001320000001");
  REQUIRE(player.wait_playing());
  const json opened = open(server, "34020000001320000001", "0200000001");
  REQUIRE(opened["code"] == 0);
  CHECK(opened["is_tcp"] == true);
  const auto to = opened["port"].get<std::uint16_t>();
  CHECK((to == port) == !one.own_ports);
  GbSender sender(to, one.way, 200'000'001);
  REQUIRE(sender.connected());
  send_clip(sender, one.faults);
  send_clip(sender, one.faults, 90'000 * base::Ticks(2));  // its first picture ends the last one
  const auto expected = sent_bodies();
  REQUIRE(player.run_until([&] { return bodies(player).size() >= expected.size(); }));
  auto got = bodies(player);
  got.resize(expected.size());
  CHECK(got == expected);
  REQUIRE(test::soon([&] { return media_of(server, "34020000001320000001")["packets"] > 10; }));
  const json row = media_of(server, "34020000001320000001");
  CHECK(row["why"] == "");
  CHECK(row["transport"] == (one.way == Way::udp ? "udp" : "tcp"));
}

TEST_CASE("devices that ignore the SSRC are known by their port, and others do not disturb", "[scenario][gb28181]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on;", caster(port, ports()));
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  const auto to = open(server, "cam", "1")["port"].get<std::uint16_t>();
  GbSender device(to, Way::udp, 0), stranger(to, Way::udp, 99, "127.0.0.2");  // Dahua's zero
  send_clip(device, {});
  for (int i = 0; i < 20; ++i) stranger.send(test::repeat(0x11, 500), 0);
  send_clip(device, {}, base::Ticks(180'000));
  const auto expected = sent_bodies();
  REQUIRE(player.run_until([&] { return bodies(player).size() >= 2 * expected.size() - 1; }));
  auto got = bodies(player);
  got.resize(expected.size());
  CHECK(got == expected);
  CHECK(test::soon([&] { return media_of(server, "cam")["strangers"] == 20; }));
  CHECK(media_of(server, "cam")["ssrc"] == 0);
}

TEST_CASE("who keeps to the SSRC takes the place of who does not", "[scenario][gb28181]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on;", caster(port, ports()));
  const auto to = open(server, "cam", "5")["port"].get<std::uint16_t>();
  GbSender other(to, Way::udp, 4, "127.0.0.2"), device(to, Way::udp, 5);
  send_clip(other, {});
  REQUIRE(test::soon([&] { return media_of(server, "cam")["ssrc"] == 4; }));
  send_clip(device, {});
  CHECK(test::soon([&] { return media_of(server, "cam")["ssrc"] == 5; }));
}

TEST_CASE("why there is no picture is told while it is waited for, and a place ends in time", "[scenario][gb28181]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on;", caster(port, ports()));
  const auto to = std::to_string(open(server, "silent", "5")["port"].get<int>());
  CHECK(test::soon(
      [&] { return media_of(server, "silent")["why"] == "no packet came to port " + to + " (TCP and UDP)"; }));
  const auto noise_port = open(server, "noise", "6")["port"].get<std::uint16_t>();
  GbSender noise(noise_port, Way::udp, 6);
  CHECK(test::soon([&] {
    noise.send(test::repeat(0x33, 700), 0);
    const json row = media_of(server, "noise");
    return row.is_object() &&
           row["why"].get<std::string>().find("nothing that is known, but no frame") != std::string::npos;
  }));
  // sip.timeout
  CHECK(test::soon([&] { return media_of(server, "silent").is_null() && media_of(server, "noise").is_null(); }));
}

TEST_CASE("bad bytes close their connection alone", "[scenario][gb28181]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on;", caster(port));
  REQUIRE(open(server, "cam", "5")["code"] == 0);
  GbSender device(port, Way::tcp, 5);
  send_clip(device, {});
  REQUIRE(test::soon([&] { return test::rows(server, "streams").size() == 1; }));
  for (const char* bad : {"474554202f20", "0000000000", "000a 8060 0001"}) {
    GbSender stranger(port, Way::tcp, 5);
    stranger.bytes(test::bytes(bad));
    if (std::string(bad).size() < 13) CHECK(stranger.closed());
  }
  GbSender unknown(port, Way::tcp, 12'345);
  unknown.send(test::repeat(0x11, 500), 0);
  CHECK(unknown.closed());
  send_clip(device, {}, base::Ticks(180'000));
  CHECK(test::soon([&] { return media_of(server, "cam")["frames"] > clip().frames.size() + 10; }));
}

TEST_CASE("the API refuses what is no id, no SSRC or taken", "[scenario][gb28181]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on;", caster(port));
  for (const char* body :
       {"", "[]", "{}", R"({"id":"a"})", R"({"ssrc":"1"})", R"({"id":1,"ssrc":"1"})", R"({"id":"../a","ssrc":"1"})",
        R"({"id":"a","ssrc":"x"})", R"({"id":"","ssrc":"1"})", R"({"id":"a","ssrc":"99999999999"})"}) {
    INFO(body);
    const json answer = post(server, body);
    CHECK(answer["code"] == 3008);
    CHECK(answer["desc"] == "GbConfig");
  }
  REQUIRE(open(server, "a", "1")["code"] == 0);
  CHECK(open(server, "a", "2")["code"] == 1028);
  CHECK(open(server, "b", "1")["code"] == 1028);
  CHECK(open(server, "b", "2")["code"] == 0);
}

TEST_CASE("a reload opens and closes the caster", "[scenario][gb28181]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on;", with_api);
  CHECK(open(server, "cam", "5")["code"] == 501);
  server.reload("min_latency on;", caster(port));
  REQUIRE(open(server, "cam", "5")["code"] == 0);
  GbSender device(port, Way::tcp, 5);
  send_clip(device, {});
  REQUIRE(test::soon([&] { return test::rows(server, "streams").size() == 1; }));
  server.reload("min_latency on;", with_api);
  CHECK(device.closed());
  CHECK(test::soon([&] { return media_of(server, "cam").is_null(); }));
  CHECK(open(server, "cam", "5")["code"] == 501);
}

TEST_CASE("a rule and a kick end the media of a device", "[scenario][gb28181]") {
  const std::uint16_t port = test::free_port();
  SECTION("refused") {
    LiveServer server(
        "min_latency on; security { enabled on; deny publish all gb28181; allow publish all; allow play all; }",
        caster(port));
    REQUIRE(open(server, "cam", "5")["code"] == 0);
    GbSender device(port, Way::tcp, 5);
    send_clip(device, {});
    CHECK(device.closed());
    CHECK(test::soon([&] { return media_of(server, "cam").is_null(); }));
  }
  SECTION("kicked") {
    LiveServer server("min_latency on;", caster(port));
    REQUIRE(open(server, "cam", "5")["code"] == 0);
    GbSender device(port, Way::tcp, 5);
    send_clip(device, {});
    std::string id;
    REQUIRE(test::soon([&] {
      for (const auto& one : test::rows(server, "clients")) id = one["id"];
      return !id.empty();
    }));
    test::Socket api(server.http_port());
    api.send("DELETE /api/v1/clients/" + id + " HTTP/1.0\r\nHost: x\r\n\r\n");
    CHECK(device.closed());
    CHECK(test::soon([&] { return media_of(server, "cam").is_null(); }));
  }
}

TEST_CASE("a lost packet costs a picture, and the next ones are whole", "[scenario][gb28181]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on;", caster(port, ports()));
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  const auto to = open(server, "cam", "5")["port"].get<std::uint16_t>();
  GbSender device(to, Way::udp, 5);
  send_clip(device, {}, {}, 7);
  REQUIRE(player.run_until([&] { return bodies(player).size() >= 7; }));  // else it would begin with the second clip
  send_clip(device, {}, base::Ticks(180'000));
  auto expected = sent_bodies();
  expected.erase(expected.begin() + 7);
  REQUIRE(player.run_until([&] { return bodies(player).size() >= expected.size(); }));
  auto got = bodies(player);
  got.resize(expected.size());
  CHECK(got == expected);
  CHECK(test::soon([&] { return media_of(server, "cam")["lost"] == 1; }));
}

TEST_CASE("a device that closes its connection ends its stream, and may come again", "[scenario][gb28181]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on;", caster(port));
  REQUIRE(open(server, "cam", "5")["code"] == 0);
  {
    GbSender device(port, Way::tcp, 5);
    send_clip(device, {});
    REQUIRE(test::soon([&] { return test::rows(server, "streams").size() == 1; }));
  }
  GbSender again(port, Way::tcp, 5);  // within the time that it has
  send_clip(again, {}, base::Ticks(180'000));
  CHECK(test::soon([&] { return media_of(server, "cam")["frames"] > clip().frames.size() + 10; }));
  CHECK(test::rows(server, "streams").size() == 1);
}

}  // namespace weir::test::gb28181_media_test
