#include <nlohmann/json.hpp>

#include "scenario/support/camera.h"
#include "scenario/support/gb_clip.h"
#include "support/catch.h"

namespace weir::test::gb28181_cascade_test {

// Two servers, of which the lower one shows a stream to the one above: what a player there gets is what came in here.

using nlohmann::json;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;

namespace {

const std::string lower_id = "34020000002000000002", channel = "34020000001320000001";

// Of a range that is hardly anybody else's: a port for each stream.
std::string ports() {
  const auto low = test::free_ports(41);
  return "media_ports " + std::to_string(low) + "-" + std::to_string(low + 40) + ";";
}

std::string root(const std::string& caster, const std::string& sip) {
  return "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } stream_caster { enabled on; caster gb28181; "
         "output rtmp://127.0.0.1/live/[stream]; " +
         ports() + caster + " sip { timeout 20; reinvite 0.2; " + sip + " } }";
}

json ask(const LiveServer& server, const std::string& path) {
  return json::parse(test::get(server.http_port(), path).body, nullptr, false);
}

// A place for a camera below, which somebody else invited.
std::uint16_t open(const LiveServer& server, const std::string& id) {
  const std::string body = json{{"id", id}, {"ssrc", "5"}}.dump();
  test::Socket socket(server.http_port());
  socket.send("POST /gb/v1/publish/ HTTP/1.0\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  std::string all;
  base::Buffer room(4096);
  for (int count = 1; count > 0;) {
    count = socket.receive({room.data(), room.size()}, std::chrono::seconds(30));
    if (count > 0) all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  const auto end = all.find("\r\n\r\n");
  const json answer = json::parse(end == std::string::npos ? "" : all.substr(end + 4), nullptr, false);
  return answer.is_object() ? answer.value("port", std::uint16_t{0}) : std::uint16_t{0};
}

}  // namespace

TEST_CASE("two servers cascaded: frames arrive above as they came in below", "[scenario][gb28181]") {
  struct Case {
    const char *media, *sip;
  };
  const auto one = GENERATE(Case{"tcp_passive", "udp"}, Case{"tcp_active", "tcp"}, Case{"udp", "udp"});
  INFO(one.media << " " << one.sip);
  const std::uint16_t upper_sip = test::free_port(), lower_sip = test::free_port();
  LiveServer upper("min_latency on; cluster { linger 1; }",
                   root(std::string("on_demand on; transport ") + one.media + ";",
                        "listen 127.0.0.1:" + std::to_string(upper_sip) + "; password 12345678;"));
  LiveServer lower("min_latency on;",
                   root("", "listen 127.0.0.1:" + std::to_string(lower_sip) + "; id " + lower_id +
                                "; upper city { server 127.0.0.1:" + std::to_string(upper_sip) + "; transport " +
                                one.sip + "; server_id 34020000002000000001; password 12345678; channel " + channel +
                                " { stream live/cam; name gate; } }"));
  REQUIRE(test::soon([&] {
    const json channels = ask(upper, "/gb/v1/devices/" + lower_id + "/channels");
    return channels.is_object() && channels.contains("channels") && channels["channels"].size() == 1;
  }));
  CHECK(ask(lower, "/gb/v1/uppers/")["uppers"][0]["state"] == "registered");

  const auto place = open(lower, "cam");
  REQUIRE(place != 0);
  test::GbSender camera(place, test::GbSender::Way::tcp, 5);
  REQUIRE(camera.connected());
  RtmpPeer player(upper.rtmp_port(), Role::play, lower_id + "_" + channel);
  const auto expected = test::sent_bodies();
  // It goes on and on, as cameras do, until the player has had all of it once.
  int rounds = 0;
  REQUIRE(test::soon([&] {
    if (rounds < 200) test::send_clip(camera, {}, base::Ticks(180'000) * rounds++);
    player.run_until([&] { return test::bodies(player).size() >= expected.size(); }, std::chrono::milliseconds(200));
    return test::bodies(player).size() >= expected.size();
  }));
  const auto got = test::bodies(player);
  const auto first = std::find(expected.begin(), expected.end(), got.front());
  REQUIRE(first != expected.end());
  auto at = static_cast<std::size_t>(first - expected.begin());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < expected.size(); ++i, at = (at + 1) % expected.size()) {
    wrong += got[i] == expected[at] ? 0 : 1;
  }
  CHECK(wrong == 0);
  const json row = ask(lower, "/gb/v1/uppers/")["uppers"][0];
  REQUIRE(row["calls"].size() == 1);
  CHECK(row["calls"][0]["stream"] == "cam");
  CHECK(row["calls"][0]["state"] == "sending");
  CHECK(row["calls"][0]["skips"] == 0);
  // Nobody watches above: the stream ends there, and goes on here.
  player.socket.cut();
  CHECK(test::soon([&] { return ask(lower, "/gb/v1/uppers/")["uppers"][0]["calls"].empty(); }));
}

TEST_CASE("a stream below that nobody publishes is told to the player above", "[scenario][gb28181]") {
  const std::uint16_t upper_sip = test::free_port(), lower_sip = test::free_port();
  LiveServer upper("", root("on_demand on;", "listen 127.0.0.1:" + std::to_string(upper_sip) + ";"));
  LiveServer lower("",
                   root("", "listen 127.0.0.1:" + std::to_string(lower_sip) + "; id " + lower_id +
                                "; upper city { server 127.0.0.1:" + std::to_string(upper_sip) +
                                "; server_id 34020000002000000001; channel " + channel + " { stream live/cam; } }"));
  REQUIRE(test::soon([&] {
    const json channels = ask(upper, "/gb/v1/devices/" + lower_id + "/channels");
    return channels.is_object() && channels.contains("channels") && channels["channels"].size() == 1;
  }));
  CHECK(ask(upper, "/gb/v1/devices/" + lower_id + "/channels")["channels"][0]["online"] == false);
  RtmpPeer player(upper.rtmp_port(), Role::play, lower_id + "_" + channel);
  CHECK(player.wait_closed());
}

}  // namespace weir::test::gb28181_cascade_test
