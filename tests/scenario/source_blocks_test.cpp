#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scenario/support/camera.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::source_blocks_test {

// Several sources of one stream: which of them is played, and when another one is.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::RtmpPeer;
using test::soon;

namespace {

const std::string with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";
// A source that a busy machine holds up for less than this is not silent.
const std::string quick = "min_latency on; publish { input_timeout 3; input_hold 1; normal_timeout 60000; } ";

std::string source(const std::string& url, const std::string& more = "", const std::string& name = "live/copy") {
  return "source " + name + " { url " + url + "; " + more + " } ";
}
std::string flv_of(const LiveServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.http_port()) + "/live/cam.flv";
}
std::string rtmp_of(const LiveServer& server) {
  return "rtmp://127.0.0.1:" + std::to_string(server.rtmp_port()) + "/live/cam";
}

// The row of the source of that priority; null while there is none.
json row(const LiveServer& server, int priority) {
  for (const json& one : test::rows(server, "sources")) {
    if (one["priority"] == priority) return one;
  }
  return {};
}
std::string state(const LiveServer& server, int priority) {
  const json one = row(server, priority);
  return one.is_object() ? one["state"].get<std::string>() + (one["active"].get<bool>() ? " active" : "") : "none";
}

int post(const LiveServer& server, const std::string& target) {
  test::Socket socket(server.http_port());
  socket.send("POST /api/v1/sources/" + target + " HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n");
  std::string all;
  base::Buffer room(16 * 1024);
  for (int count = 0; (count = socket.receive({room.data(), room.size()}, 10s)) > 0;) {
    all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  const auto end = all.find("\r\n\r\n");
  const json answer = end == std::string::npos ? json() : json::parse(all.substr(end + 4), nullptr, false);
  return answer.is_object() ? answer["code"].get<int>() : -1;
}

// Of what a player got: no picture goes back in time, and none comes so much later than the one before.
void check_timeline(const RtmpPeer& player, std::uint32_t longest_ms) {
  std::optional<std::uint32_t> before;
  for (const auto& message : player.media) {
    if (message.type != rtmp::MessageType::video || message.payload.data()[1] != 1) continue;
    if (before) {
      INFO(*before << " " << message.time_ms);
      CHECK(message.time_ms > *before);
      CHECK(message.time_ms <= *before + longest_ms);
    }
    before = message.time_ms;
  }
}

// A folder with a film of a few seconds.
struct Film {
  Film() : path(std::filesystem::temp_directory_path() / ("weir-blocks-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
    const auto bytes = test::test_file("flv/h264_aac.flv");
    std::ofstream(path / "slate.flv", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  ~Film() { std::filesystem::remove_all(path); }
  std::string root() const {
    return with_api + " http_server { enabled on; listen 127.0.0.1:{HTTP}; dir " + path.string() + "; }";
  }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("a hot standby goes on with a stream whose source falls silent", "[scenario][sources]") {
  // The first camera is silent for a while, and stays connected.
  LiveServer first("min_latency on; publish { normal_timeout 60000; }"), second("min_latency on;");
  Camera one(first), other(second);
  LiveServer server(
      quick + source(rtmp_of(first), "priority 10; standby hot;") + source(flv_of(second), "priority 5; standby hot;"),
      with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  const auto runs_until = [&](bool both, const std::function<bool()>& done) {
    return soon([&] {
      if (both) one.send(1);
      other.send(1);
      player.run_until([] { return false; }, 1ms);
      return done();
    });
  };
  REQUIRE(runs_until(true, [&] { return pictures(player) >= 5 && state(server, 10) == "receiving active"; }));
  REQUIRE(runs_until(true, [&] { return state(server, 5) == "receiving"; }));
  REQUIRE(runs_until(false, [&] { return state(server, 5) == "receiving active"; }));
  const std::size_t before = pictures(player);
  CHECK(runs_until(false, [&] { return pictures(player) >= before + 20; }));
  // The better one is back when it has brought frames for a while.
  CHECK(runs_until(true, [&] { return state(server, 10) == "receiving active"; }));
  CHECK_FALSE(player.closed);
  check_timeline(player, 200);
}

TEST_CASE("a source is connected anew when its time is over, and nobody who plays it is sent away",
          "[scenario][sources]") {
  LiveServer origin("min_latency on;");
  Camera camera(origin);
  LiveServer server(quick + source(flv_of(origin), "restart_every 1;"), with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  std::vector<std::string> ids;  // of its attempts
  REQUIRE(soon([&] {
    camera.send(1);
    player.run_until([] { return false; }, 10ms);
    const json now = row(server, 0);
    if (!now.is_object() || now["state"] != "receiving") return false;
    CHECK(now["restart_seconds"] <= 1.0);
    const std::string id = now["id"];
    if (ids.empty() || ids.back() != id) ids.push_back(id);
    return ids.size() >= 3;
  }));
  CHECK(row(server, 0)["attempts"] >= 3);
  CHECK(row(server, 0)["failures"] == 0);  // it is no failure
  const std::size_t before = pictures(player);
  CHECK(soon([&] {
    camera.send(1);
    player.run_until([] { return false; }, 10ms);
    return pictures(player) >= before + 10;
  }));
  CHECK_FALSE(player.closed);
}

TEST_CASE("a slate is shown while nothing else is there, and rests meanwhile", "[scenario][sources]") {
  const Film film;
  LiveServer server(quick + source("file:slate.flv"), film.root());
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  REQUIRE(player.run_until([&] { return pictures(player) >= 10; }));
  CHECK(state(server, 0) == "receiving active");
  {
    Camera camera(server, "copy");
    REQUIRE(camera.peer.client.publishing());
    CHECK(soon([&] {
      camera.send(1);
      player.run_until([] { return false; }, 1ms);
      return state(server, 0) == "standby";
    }));
  }
  // It was cut off: the slate is there again, and nobody was sent away.
  const std::size_t before = pictures(player);
  CHECK(soon([&] {
    player.run_until([] { return false; }, 20ms);
    return pictures(player) >= before + 10 && state(server, 0) == "receiving active";
  }));
  CHECK_FALSE(player.closed);
  check_timeline(player, 500);
}

TEST_CASE("a cold source is begun when the better one cannot be had", "[scenario][sources]") {
  LiveServer second("min_latency on;");
  Camera other(second);
  LiveServer server(
      quick + source("rtmp://127.0.0.1:1/live/a", "priority 10; standby hot;") + source(flv_of(second), "priority 5;"),
      with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  CHECK(plays(player, other, 10));
  CHECK(row(server, 10)["state"] != "receiving");
  CHECK(soon([&] { return row(server, 10)["error"] != ""; }));
}

TEST_CASE("sources on demand are fetched while somebody plays, each by its block", "[scenario][sources]") {
  LiveServer origin("min_latency on;");
  const std::string url = "http://127.0.0.1:" + std::to_string(origin.http_port()) + "/live/[stream].flv";
  LiveServer server(quick + source("http://127.0.0.1:1/a", "on_demand on; priority 10;", "live") +
                        source(url, "on_demand on; priority 5;", "live"),
                    with_api);
  CHECK(test::rows(server, "sources").empty());
  Camera camera(origin);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(plays(player, camera, 10));
  CHECK(row(server, 5)["on_demand"] == true);
  // What is no longer configured ends.
  server.reload(quick, with_api);
  CHECK(soon([&] { return test::rows(server, "sources").empty(); }));
}

TEST_CASE("when no source can be had those who wait are told", "[scenario][sources]") {
  LiveServer server(
      source("http://127.0.0.1:1/a", "on_demand on; priority 10;") + source("file:none.flv", "on_demand on;"),
      with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  CHECK(player.wait_closed());
  CHECK(test::rows(server, "sources").empty());
}

TEST_CASE("an operator pins, stops and starts sources", "[scenario][sources]") {
  LiveServer first("min_latency on;"), second("min_latency on;");
  Camera one(first), other(second);
  const std::string vhost =
      quick + source(rtmp_of(first), "priority 10; standby hot;") + source(rtmp_of(second), "priority 5; standby hot;");
  LiveServer server(vhost, with_api);
  const auto becomes = [&](int priority, const std::string& what) {
    return soon([&] {
      one.send(1);
      other.send(1);
      return state(server, priority) == what;
    });
  };
  REQUIRE(becomes(10, "receiving active"));
  REQUIRE(becomes(5, "receiving"));
  const std::string name = row(server, 5)["name"].get<std::string>();
  const std::string which = "?app=live&stream=copy&name=" + name;
  CHECK(post(server, "pin" + which) == 0);
  CHECK(becomes(5, "receiving active"));
  CHECK(row(server, 5)["pinned"] == true);
  CHECK(post(server, "unpin?app=live&stream=copy") == 0);
  CHECK(becomes(10, "receiving active"));
  const std::string kept = row(server, 10)["id"].get<std::string>();
  CHECK(post(server, "stop" + which) == 0);
  CHECK(becomes(5, "stopped"));
  CHECK(server.reload(vhost + " hls { enabled on; }", with_api));
  CHECK(becomes(5, "stopped"));
  CHECK(post(server, "start" + which) == 0);
  CHECK(becomes(5, "receiving"));
  CHECK(row(server, 10)["id"] == kept);  // which nothing of this concerned
  CHECK(post(server, "pin?app=live&stream=copy") == 400);
  CHECK(post(server, "pin?app=live&stream=copy&name=12345678") == 2048);
  CHECK(post(server, "stop?app=live&stream=none") == 2048);
  CHECK(post(server, "burn?app=live&stream=copy") == 404);
}

}  // namespace weir::test::source_blocks_test
