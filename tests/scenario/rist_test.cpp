#include "net/rist/library.h"
#include "scenario/support/camera.h"
#include "support/catch.h"
#include "support/even_port.h"
#include "support/soon.h"

namespace weir::test::rist_test {

// Streams that go to another server by RIST, or come from one.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::plays;
using test::rows;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string waits(std::uint16_t port, const std::string& more = "") {
  return "rist://@127.0.0.1:" + std::to_string(port) + "?buffer=100" + more;
}
std::string calls(std::uint16_t port, const std::string& more = "") {
  return "rist://127.0.0.1:" + std::to_string(port) + "?buffer=100" + more;
}
std::string fetched(const std::string& url) { return "min_latency on; source live/cam { url \"" + url + "\"; } "; }
std::string sent_on(const std::string& url) {
  return "min_latency on; publish { grace 0; } push live/cam { url \"" + url + "\"; } ";
}

json client_of(const LiveServer& server, const std::string& type) {
  for (const json& one : rows(server, "clients")) {
    if (one["type"] == type) return one;
  }
  return {};
}

bool in_state(const LiveServer& server, const std::string& list, const std::string& state) {
  const auto all = rows(server, list);
  return all.size() == 1 && all[0]["state"] == state;
}

// Goes on publishing until it is so.
template <class Condition>
bool goes_on(Camera& camera, Condition condition) {
  return test::soon([&] {
    camera.send(1);
    return condition();
  });
}

}  // namespace

TEST_CASE("a stream goes from one server to another by RIST", "[scenario][rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t port = test::free_even_port();
  std::string to = calls(port), from = waits(port);
  SECTION("main profile") {}
  SECTION("simple profile") {
    to += "&profile=simple";
    from += "&profile=simple";
  }
  SECTION("encrypted") {
    to += "&secret=a-secret-of-ours&aes-type=256";
    from += "&secret=a-secret-of-ours&aes-type=256";
  }
  SECTION("the receiver calls") {
    to = waits(port);
    from = calls(port);
  }
  LiveServer far(fetched(from), with_api);
  LiveServer near(sent_on(to), with_api);
  RtmpPeer player(far.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  Camera camera(near);
  CHECK(plays(player, camera, 60));
  CHECK(in_state(near, "forwards", "sending"));
  CHECK(in_state(far, "sources", "receiving"));
  CHECK(goes_on(camera, [&] {
    const json receives = client_of(far, "rist-publish");
    return !receives.is_null() && receives["transport"]["received"] > 10 &&
           receives["transport"]["quality"].is_number();
  }));
  CHECK(goes_on(camera, [&] {
    const auto all = rows(near, "forwards");
    return all.size() == 1 && all[0].contains("transport") && all[0]["transport"]["sent"] > 10 &&
           all[0]["transport"]["quality"].is_number();
  }));
  for (const LiveServer* server : {&far, &near}) {
    for (const char* path : {"/api/v1/sources/", "/api/v1/forwards/", "/api/v1/config", "/api/v1/clients/"}) {
      INFO(path);
      CHECK(test::get(server->http_port(), path).body.find("a-secret-of-ours") == std::string::npos);
    }
  }
}

TEST_CASE("a caster takes RIST, and a reload moves it", "[scenario][rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t first = test::free_even_port(), second = test::free_even_port();
  const auto caster = [&](std::uint16_t port) {
    return std::string(with_api) +
           " stream_caster { enabled on; caster rist; output rtmp://127.0.0.1/live/cam; listen 127.0.0.1:" +
           std::to_string(port) + "; buffer 100; secret a-secret-of-ours; }";
  };
  LiveServer far("min_latency on;", caster(first));
  LiveServer near(sent_on(calls(first, "&secret=a-secret-of-ours")), with_api);
  Camera camera(near);
  RtmpPeer player(far.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  CHECK(plays(player, camera, 20));
  REQUIRE(far.reload("min_latency on;", caster(second)));
  REQUIRE(near.reload(sent_on(calls(second, "&secret=a-secret-of-ours")), with_api));
  CHECK(
      goes_on(camera, [&] { return in_state(near, "forwards", "sending") && in_state(far, "sources", "receiving"); }));
}

TEST_CASE("with another secret nothing is taken, and it is said", "[scenario][rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t port = test::free_even_port();
  LiveServer far(fetched(waits(port, "&secret=a-secret-of-ours")), with_api);
  LiveServer near(sent_on(calls(port, "&secret=a-secret-of-others")), with_api);
  Camera camera(near);
  CHECK(goes_on(camera, [&] {
    const auto all = rows(near, "forwards");
    return all.size() == 1 && all[0]["failures"] > 0 && all[0]["state"] == "waiting";
  }));
  CHECK(in_state(far, "sources", "connecting"));
}

TEST_CASE("a stream goes over two ways of RIST at once", "[scenario][rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t one = test::free_even_port(), other = test::free_even_port();
  if (one == other) {
    WARN("the system gave one port twice");
    return;
  }
  LiveServer far(fetched(waits(one) + "," + waits(other)), with_api);
  LiveServer near(sent_on(calls(one) + "," + calls(other)), with_api);
  RtmpPeer player(far.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  Camera camera(near);
  CHECK(plays(player, camera, 60));
  const auto peers = [](const json& row) {
    return row.contains("transport") && row["transport"].contains("peers") ? row["transport"]["peers"] : json::array();
  };
  json sent, received;
  CHECK(goes_on(camera, [&] {
    const auto all = rows(near, "forwards");
    sent = all.empty() ? json::array() : peers(all[0]);
    received = peers(client_of(far, "rist-publish"));
    return sent.size() == 2 && received.size() == 2 && sent[0]["sent"] > 10 && sent[1]["sent"] > 10 &&
           received[0]["received"] > 10 && received[1]["received"] > 10;
  }));
  INFO(sent.dump() << received.dump());
  CHECK(sent[0]["address"] == "127.0.0.1:" + std::to_string(one));
  CHECK(sent[1]["address"] == "127.0.0.1:" + std::to_string(other));
  CHECK(received[0]["flow"] == received[1]["flow"]);
}

TEST_CASE("of two senders at one port of RIST both are listed, and one is heard", "[scenario][rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t port = test::free_even_port();
  LiveServer far(fetched(waits(port)), with_api);
  LiveServer first(sent_on(calls(port)), with_api), second(sent_on(calls(port)), with_api);
  RtmpPeer player(far.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  Camera camera(first), same(second);
  CHECK(plays(player, camera, 20));
  CHECK(goes_on(camera, [&] {
    same.send(1);
    const json client = client_of(far, "rist-publish");
    if (client.is_null() || !client["transport"].contains("peers")) return false;
    const json& peers = client["transport"]["peers"];
    return peers.size() == 2 && peers[0]["received"] > 10 && peers[1]["received"] > 10 &&
           peers[0]["flow"] != peers[1]["flow"];
  }));
  CHECK(plays(player, camera, 20));
}

}  // namespace weir::test::rist_test
