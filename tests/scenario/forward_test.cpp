#include "base/text.h"
#include "scenario/support/camera.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"

namespace weir::test::forward_test {

// Streams that one server sends on to another.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::HookServer;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string forward_to(std::uint16_t port, const std::string& more = "") {
  return "min_latency on; forward { enabled on; destination 127.0.0.1:" + std::to_string(port) + "; " + more + "}";
}

std::vector<json> forwards(const LiveServer& server) { return test::rows(server, "forwards"); }

// The publisher says that he is done: nothing is sent on any longer, and it is over where it was sent to.
void leaves(Camera& camera, const LiveServer& near, const LiveServer& far) {
  camera.peer.client.close();
  camera.peer.flush();
  CHECK(test::soon([&] { return forwards(near).empty(); }));
  CHECK(test::soon([&] {
    const auto streams = test::rows(far, "streams");
    return streams.empty() || !streams[0]["publish"]["active"];
  }));
}
bool wait_state(const LiveServer& server, const std::string& state) {
  return test::soon([&] {
    const auto rows = forwards(server);
    return rows.size() == 1 && rows[0]["state"] == state;
  });
}

}  // namespace

TEST_CASE("a stream is sent on from its first picture, and ends where it was sent to", "[scenario][forward]") {
  LiveServer far("min_latency on; publish { grace 0; }", with_api);
  LiveServer near(forward_to(far.rtmp_port()) + "publish { grace 0; }", with_api);
  RtmpPeer player(far.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  {
    Camera camera(near);
    REQUIRE(player.run_until([&] { return pictures(player) >= 10; }, 20s));
    CHECK(player.media[0].time_ms <= player.media.back().time_ms);
    REQUIRE(wait_state(near, "sending"));
    const json row = forwards(near)[0];
    CHECK(row["target"] == "rtmp://127.0.0.1:" + std::to_string(far.rtmp_port()) + "/live/cam");
    CHECK(row["error"] == "");
    CHECK(row["attempts"] == 1);
    CHECK(row["send_bytes"].get<std::uint64_t>() > 5000);
    leaves(camera, near, far);
  }
  Camera again(near);
  CHECK(plays(player, again, 25));
}

TEST_CASE("a target that refuses is asked again until it takes the stream", "[scenario][forward]") {
  LiveServer far("min_latency on; publish { grace 0; }");
  LiveServer near(forward_to(far.rtmp_port()), with_api);
  auto other = std::make_unique<Camera>(far);
  Camera camera(near);
  REQUIRE(wait_state(near, "waiting"));
  const std::string error = forwards(near)[0]["error"];
  CHECK(error.find("NetStream.Publish.BadName") != std::string::npos);
  other.reset();
  CHECK(wait_state(near, "sending"));
  const std::string metrics = test::get(near.http_port(), "/metrics").body;
  CHECK(metrics.find("weir_forward_targets{state=\"sending\"} 1\n") != std::string::npos);
  CHECK(metrics.find("weir_forward_failures_total 0\n") == std::string::npos);
}

TEST_CASE("a stream is sent on by HTTP, in FLV, and ends where it was sent to", "[scenario][forward]") {
  LiveServer far("min_latency on; publish { grace 0; }", with_api);
  const std::string to = "http://127.0.0.1:" + std::to_string(far.http_port()) + "/[app]/[stream]-copy.flv?key=s3cret";
  LiveServer near("min_latency on; push { url " + to + "; } publish { grace 0; }", with_api);
  RtmpPeer player(far.rtmp_port(), Role::play, "cam-copy");
  REQUIRE(player.wait_playing());
  {
    Camera camera(near);
    REQUIRE(player.run_until([&] { return pictures(player) >= 10; }, 20s));
    CHECK(player.media[0].time_ms <= player.media.back().time_ms);
    REQUIRE(wait_state(near, "sending"));
    const json row = forwards(near)[0];
    CHECK(row["target"].get<std::string>().find("/live/cam-copy.flv") != std::string::npos);
    CHECK(row.dump().find("s3cret") == std::string::npos);
    CHECK(row["send_bytes"].get<std::uint64_t>() > 5000);
    leaves(camera, near, far);
  }
  Camera again(near);
  CHECK(plays(player, again, 25));
}

TEST_CASE("a server that takes no FLV by HTTP is told by its status, and no stream goes in a circle",
          "[scenario][forward]") {
  LiveServer far("min_latency on; publish { grace 0; }", with_api);
  Camera other(far);
  const std::string at = "http://127.0.0.1:" + std::to_string(far.http_port());
  LiveServer near("min_latency on; push { url " + at + "/live/cam.flv; }", with_api);
  Camera camera(near);
  REQUIRE(wait_state(near, "waiting"));
  const std::string error = forwards(near)[0]["error"];
  CHECK(error.find("HTTP status 4") != std::string::npos);
  CHECK(error.find("HTTP status 400") == std::string::npos);  // it was understood
  LiveServer own("min_latency on; push { url http://127.0.0.1:{HTTP}/live/cam.flv; }", with_api);
  Camera third(own);
  REQUIRE(wait_state(own, "given_up"));
  CHECK(forwards(own)[0]["error"] == "a loop: the stream would come back to this server");
}

TEST_CASE("a reload moves streams to other targets and leaves the rest alone", "[scenario][forward]") {
  LiveServer one("min_latency on;"), other("min_latency on;");
  LiveServer near(forward_to(one.rtmp_port()), with_api);
  Camera camera(near);
  REQUIRE(wait_state(near, "sending"));
  const std::string id = forwards(near)[0]["id"];
  const std::string both =
      "min_latency on; forward { enabled on; destination 127.0.0.1:" + std::to_string(one.rtmp_port()) +
      " 127.0.0.1:" + std::to_string(other.rtmp_port()) + "; }";
  near.reload(both, with_api);
  REQUIRE(test::soon([&] {
    const auto rows = forwards(near);
    return rows.size() == 2 && rows[0]["state"] == "sending" && rows[1]["state"] == "sending";
  }));
  CHECK(forwards(near)[0]["id"] == id);
  RtmpPeer player(other.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 5));
  near.reload("min_latency on;", with_api);
  CHECK(test::soon([&] { return forwards(near).empty(); }));
}

TEST_CASE("a stream does not run in a circle", "[scenario][forward]") {
  SECTION("through one server") {
    LiveServer near("min_latency on; forward { enabled on; destination 127.0.0.1:{RTMP}; }", with_api);
    Camera camera(near);
    REQUIRE(wait_state(near, "given_up"));
    CHECK(forwards(near)[0]["error"] == "a loop: the stream would come back to this server");
  }
  SECTION("through two, under another name") {
    LiveServer far("min_latency on;", with_api);
    LiveServer near(
        "min_latency on; forward { enabled on; destination 127.0.0.1:" + std::to_string(far.rtmp_port()) + "/first; }",
        with_api);
    far.reload("min_latency on; forward { enabled on; destination 127.0.0.1:" + std::to_string(near.rtmp_port()) +
                   "/second; }",
               with_api);
    Camera camera(near);
    // near live/cam -> far first/cam -> near second/cam, and no further.
    const auto is_told = [](const std::vector<json>& rows, const char* app, const char* state) {
      return std::any_of(rows.begin(), rows.end(),
                         [&](const json& row) { return row["app"] == app && row["state"] == state; });
    };
    CHECK(test::soon([&] {
      camera.send(1);  // a publisher that is silent is ended
      const auto rows = forwards(near);
      return rows.size() == 2 && is_told(rows, "live", "sending") && is_told(rows, "second", "given_up");
    }));
  }
}

TEST_CASE("a backend says where to, and its failure refuses the publisher", "[scenario][forward]") {
  LiveServer far("min_latency on;");
  const std::string urls = R"({"code":0,"data":{"urls":["rtmp://127.0.0.1:)" + std::to_string(far.rtmp_port()) +
                           R"(/other/secret-key?t=s3"]}})";
  std::atomic<int> mode{0};
  HookServer backend([&](const HookServer::Call&) {
    if (mode == 0) return HookServer::ok(urls);
    return mode == 1 ? HookServer::ok(R"({"code":0,"data":{"urls":[]}})") : HookServer::ok("garbage");
  });
  LiveServer near("min_latency on; forward { enabled on; backend " + backend.url() + "; destination 127.0.0.1:1; }",
                  with_api);
  {
    Camera camera(near);
    REQUIRE(wait_state(near, "sending"));
    CHECK(forwards(near)[0]["target"] == "rtmp://127.0.0.1:" + std::to_string(far.rtmp_port()) + "/other/***");
    RtmpPeer player(far.rtmp_port(), Role::play, "secret-key", "other");
    CHECK(plays(player, camera, 5));
    CHECK(json::parse(backend.calls().at(0).body)["action"] == "on_forward");
  }
  mode = 1;  // no target: the destination that is written counts
  {
    Camera camera(near, "second");
    CHECK(test::soon([&] {
      for (const json& row : forwards(near)) {
        if (row["stream"] == "second") return row["target"] == "rtmp://127.0.0.1:1/live/second";
      }
      return false;
    }));
  }
  mode = 2;
  RtmpPeer refused(near.rtmp_port(), Role::publish, "third");
  CHECK(refused.wait_closed());
  CHECK_FALSE(refused.client.publishing());
}

TEST_CASE("what is sent on is no player: hooks, limits and lists know nothing of it", "[scenario][forward]") {
  HookServer hooks;
  LiveServer far("min_latency on;");
  LiveServer near(forward_to(far.rtmp_port()) + "http_hooks { enabled on; on_play " + hooks.url() + "; on_stop " +
                      hooks.url() + "; } security { enabled on; allow publish all; deny play all; }",
                  with_api);
  {
    Camera camera(near);
    REQUIRE(wait_state(near, "sending"));
    const json clients = json::parse(test::get(near.http_port(), "/api/v1/clients/").body);
    CHECK(clients["clients"].size() == 1);
    CHECK(clients["clients"][0]["publish"] == true);
  }
  near.stop();
  CHECK(hooks.calls().empty());
}

TEST_CASE("a server stops in the middle of each step of a forward", "[scenario][forward]") {
  test::HookServer silent([](const HookServer::Call&) { return std::string(HookServer::hang); });
  const auto port = static_cast<std::uint16_t>(std::stoi(silent.url("").substr(silent.url("").rfind(':') + 1)));
  const std::string target = GENERATE(as<std::string>{}, "127.0.0.1:1", "127.0.0.1:{SILENT}", "192.0.2.1:1935");
  LiveServer near("min_latency on; forward { enabled on; destination " +
                      base::replace_all(target, "{SILENT}", std::to_string(port)) + "; }",
                  with_api);
  Camera camera(near);
  REQUIRE(test::soon([&] { return forwards(near).size() == 1; }));
  const auto began = std::chrono::steady_clock::now();
  near.stop();
  CHECK(std::chrono::steady_clock::now() - began < 20s);
}

}  // namespace weir::test::forward_test
