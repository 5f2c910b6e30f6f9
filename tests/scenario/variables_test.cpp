#include <algorithm>
#include <filesystem>
#include <fstream>

#include "scenario/support/overlay_folder.h"
#include "support/catch.h"

namespace weir::test::variables_test {

// What stands for $name in URLs, set by the API and by commands, while the server runs.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::plays;
using test::RtmpPeer;
using test::soon;

namespace {

// Somebody who listens to events; HTTP/1.0, so that no chunks stand between.
struct Ear {
  explicit Ear(const LiveServer& server) : socket(server.http_port()) {
    socket.send("GET /api/v1/events HTTP/1.0\r\n\r\n");
  }
  bool hears(std::string_view part) {
    base::Buffer room(64 * 1024);
    return soon([&] {
      const int count = socket.receive({room.data(), room.size()}, 20ms);
      if (count > 0) text.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
      return text.find(part) != std::string::npos;
    });
  }
  test::Socket socket;
  std::string text;
};

}  // namespace

TEST_CASE("a variable that the API set moves a source, is never shown, and is there after a restart",
          "[scenario][variables]") {
  const OverlayFolder folder("variables");
  LiveServer origin("min_latency on;");
  Camera camera(origin);
  const json row = {{"name", "where"}, {"value", flv_of(origin, "cam")}};
  {
    LiveServer server("", folder.root("overlay_allow local variables;"));
    Ear ear(server);
    REQUIRE(ear.hears("event: hello"));
    CHECK(ask_api(server, "POST", "variables/", {{"name", "where"}}).status == 400);
    CHECK(ask_api(server, "POST", "variables/", {{"name", "a-b"}, {"value", "x"}}).status == 400);
    CHECK(ask_api(server, "POST", "variables/", {{"name", "ab"}, {"value", "x\ny"}}).status == 400);
    REQUIRE(ask_api(server, "POST", "variables/", {{"name", "where"}, {"value", "http://127.0.0.1:9/x"}}).status ==
            201);
    REQUIRE(ask_api(server, "POST", "sources/", {{"app", "live"}, {"stream", "copy"}, {"url", "$where"}}).status ==
            201);
    CHECK(ask_api(server, "DELETE", "variables/where").status == 400);  // it is named still
    CHECK(ear.hears(R"("set":["where"],"removed":[])"));
    CHECK(ear.text.find("event: variables") != std::string::npos);
    CHECK(ear.text.find("127.0.0.1:9/x") == std::string::npos);
    ear.text.clear();
    REQUIRE(ask_api(server, "POST", "variables/", row).status == 201);
    CHECK(ear.hears(R"("set":["where"])"));
    const json undoable = ask_api(server, "GET", "overlay").body["undoable"];
    REQUIRE(undoable.size() == 1);
    CHECK(undoable[0]["path"] == "variables.where");
    RtmpPeer player(server.rtmp_port(), Role::play, "copy");
    CHECK(plays(player, camera, 5));
    const json listed = ask_api(server, "GET", "variables/").body;
    REQUIRE(listed["variables"].size() == 1);
    CHECK(listed["variables"][0]["from"] == "api");
    for (const char* target : {"variables/", "overlay", "sources/", "config"}) {
      CHECK(ask_api(server, "GET", target).body.dump().find("/live/cam.flv") == std::string::npos);
    }
  }
  LiveServer server("", folder.root("overlay_allow local variables;"));
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  CHECK(plays(player, camera, 5));
  const std::string name = test::rows(server, "sources")[0]["name"];
  CHECK(ask_api(server, "DELETE", "sources/" + name).status == 200);
  Ear ear(server);
  REQUIRE(ear.hears("event: hello"));
  CHECK(ask_api(server, "DELETE", "variables/where").status == 200);
  CHECK(ear.hears(R"("set":[],"removed":["where"])"));
  CHECK(ask_api(server, "DELETE", "variables/where").status == 404);
  CHECK(ask_api(server, "GET", "variables/").body["variables"].empty());
}

TEST_CASE("what a command says moves a source when it says something else", "[scenario][variables]") {
  const OverlayFolder folder("variables");
  LiveServer origin("min_latency on;", "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  Camera one(origin, "one"), two(origin, "two");
  const std::string file = (folder.path / "where").string();
  std::ofstream(file) << "one\n";
  LiveServer server(
      "source live/copy { url http://127.0.0.1:" + std::to_string(origin.http_port()) + "/live/$which.flv; }",
      folder.root("overlay_allow local variables;", "variables { which { command /bin/cat " + file + "; every 1; } }"));
  CHECK(test::rows(server, "sources").empty());  // it waits
  CHECK(ask_api(server, "GET", "variables/").body["variables"][0]["known"] == false);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  const auto runs_until = [&](const std::function<bool()>& done) {
    return soon([&] {
      server.look_at_variables();
      one.send(1);
      two.send(1);
      player.run_until([] { return false; }, 1ms);
      return done();
    });
  };
  REQUIRE(runs_until([&] { return test::pictures(player) >= 5; }));
  const json row = ask_api(server, "GET", "variables/").body["variables"][0];
  CHECK(row["known"] == true);
  CHECK(row["error"] == "");
  CHECK(ask_api(server, "POST", "variables/", {{"name", "which"}, {"value", "two"}}).status == 409);
  std::ofstream(file, std::ios::trunc) << "two\n";
  const auto is_watched = [&](const std::string& stream) {
    const auto clients = test::rows(origin, "clients");
    return std::ranges::any_of(
        clients, [&](const json& client) { return client["name"] == stream && client["publish"] == false; });
  };
  CHECK(runs_until([&] { return is_watched("two") && !is_watched("one"); }));
  const std::size_t before = test::pictures(player);
  CHECK(runs_until([&] { return test::pictures(player) >= before + 20; }));
  CHECK_FALSE(player.closed);
}

}  // namespace weir::test::variables_test
