#include <filesystem>

#include "scenario/support/overlay_folder.h"
#include "support/catch.h"

namespace weir::test::overlay_test {

// What the API adds is there after a restart.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::plays;
using test::RtmpPeer;
using test::soon;

TEST_CASE("a source that the API added is played, and is there after a restart", "[scenario][overlay]") {
  const OverlayFolder folder("kept");
  LiveServer origin("min_latency on;");
  Camera camera(origin);
  std::string name;
  {
    LiveServer server("", folder.root());
    const ApiAnswer added =
        ask_api(server, "POST", "sources/", {{"app", "live"}, {"stream", "copy"}, {"url", flv_of(origin)}});
    INFO(added.body.dump());
    REQUIRE(added.status == 201);
    name = added.body["name"];
    RtmpPeer player(server.rtmp_port(), Role::play, "copy");
    CHECK(plays(player, camera, 5));
    REQUIRE(test::rows(server, "sources").size() == 1);
    CHECK(test::rows(server, "sources")[0]["name"] == name);
    CHECK(test::rows(server, "sources")[0]["added"] == true);
    CHECK(ask_api(server, "POST", "sources/", {{"app", "live"}, {"stream", "bad"}, {"url", "exec:sh"}}).status == 400);
  }
  LiveServer server("", folder.root());
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  CHECK(plays(player, camera, 5));
  CHECK(ask_api(server, "GET", "overlay").body["text"].get<std::string>().find("source live/copy") !=
        std::string::npos);
  CHECK(ask_api(server, "DELETE", "sources/" + name).status == 200);
  CHECK(soon([&] { return test::rows(server, "sources").empty(); }));
  CHECK(ask_api(server, "POST", "overlay/undo").status == 200);
  CHECK(soon([&] { return test::rows(server, "sources").size() == 1; }));
}

TEST_CASE("what is configured is not removed by the API", "[scenario][overlay]") {
  const OverlayFolder folder("kept");
  LiveServer server("source live/copy { url http://127.0.0.1:9/live/cam.flv; }", folder.root());
  REQUIRE(soon([&] { return test::rows(server, "sources").size() == 1; }));
  const ApiAnswer refused =
      ask_api(server, "DELETE", "sources/" + test::rows(server, "sources")[0]["name"].get<std::string>());
  CHECK(refused.status == 409);
  CHECK(refused.body["message"].get<std::string>().find("it is configured, at test.conf:") == 0);
  CHECK(test::rows(server, "sources").size() == 1);
}

TEST_CASE("a place that the API added is sent to, until it is removed", "[scenario][overlay]") {
  const OverlayFolder folder("kept");
  LiveServer far("min_latency on;"), near("min_latency on;", folder.root());
  const std::string url = "rtmp://127.0.0.1:" + std::to_string(far.rtmp_port()) + "/live/there";
  Camera camera(near);
  const ApiAnswer added = ask_api(near, "POST", "forwards/", {{"app", "live"}, {"stream", "cam"}, {"url", url}});
  INFO(added.body.dump());
  REQUIRE(added.status == 201);
  RtmpPeer player(far.rtmp_port(), Role::play, "there");
  CHECK(plays(player, camera, 5));
  const std::string name = test::rows(near, "forwards")[0]["name"];
  CHECK(added.body["name"] == name);
  CHECK(ask_api(near, "DELETE", "forwards/" + name).status == 200);
  CHECK(soon([&] { return test::rows(near, "forwards").empty(); }));
}

TEST_CASE("a name that leads to this machine opens nothing to what the API added", "[scenario][overlay]") {
  const OverlayFolder folder("kept");
  LiveServer origin("min_latency on;");
  Camera camera(origin);
  // 127.0.0.1, as some resolvers read numbers: nothing can be seen in the text.
  LiveServer server("", folder.root(""));
  const std::string url = "http://2130706433:" + std::to_string(origin.http_port()) + "/live/cam.flv";
  const ApiAnswer added = ask_api(server, "POST", "sources/", {{"app", "live"}, {"stream", "copy"}, {"url", url}});
  INFO(added.body.dump());
  REQUIRE(added.status == 201);
  CHECK(soon([&] {
    const auto rows = test::rows(server, "sources");
    return rows.size() == 1 && rows[0]["failures"].get<int>() > 0 &&
           rows[0]["error"].get<std::string>().find("leads") != std::string::npos;
  }));
}

}  // namespace weir::test::overlay_test
