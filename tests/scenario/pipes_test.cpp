#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scenario/support/camera.h"
#include "support/catch.h"

namespace weir::test::pipes_test {

// Programs between two streams of a server: `process`, and `transcode { pipe on; }`.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::rows;
using test::RtmpPeer;
using test::soon;

namespace {

struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("weir-pipes-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string root() const {
    return "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } ff_log_dir " + path.string() + ";";
  }
  std::string script(const std::string& name, const std::string& text) const {
    const auto file = path / name;
    std::ofstream(file) << "#!/bin/sh\n" << text << "\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return file.string();
  }
  std::filesystem::path path;
};

std::string process(const std::string& exec, const std::string& more = "") {
  return "min_latency on; process copy { exec " + exec + "; output [app]/[stream]_[engine]; " + more + " } ";
}

// The row of a program; null while there is none.
json row(const LiveServer& server, const std::string& name = "process copy of live/cam") {
  for (const json& one : rows(server, "programs")) {
    if (one["name"] == name) return one;
  }
  return {};
}

std::size_t processes_with(const std::string& text) {
  std::size_t count = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    std::ifstream file(entry.path() / "cmdline");
    std::string line;
    for (std::string word; std::getline(file, word, '\0');) line += word + ' ';  // it may be gone meanwhile
    count += line.find(text) != std::string::npos;
  }
  return count;
}

std::size_t sounds(const RtmpPeer& player) {
  std::size_t count = 0;
  for (const auto& message : player.media) count += message.type == rtmp::MessageType::audio;
  return count;
}

void hang_up(Camera& camera) {
  camera.peer.client.close();
  camera.peer.flush();
}

}  // namespace

TEST_CASE("a process makes one stream of another, and ends with it", "[scenario][pipes]") {
  const Folder folder;
  LiveServer server(process("/bin/cat"), folder.root());
  Camera camera(server);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam_copy");
  REQUIRE(plays(player, camera, 30));
  CHECK(sounds(player) > 0);
  const json now = row(server);
  REQUIRE(now.is_object());
  CHECK(now["running"] == true);
  CHECK(now["starts"] == 1);
  CHECK(now["error"] == "");
  CHECK(now["pipe"]["makes"] == "live/cam_copy");
  CHECK(now["pipe"]["format"] == "flv");
  CHECK(now["pipe"]["read_bytes"] > 1000);
  CHECK(now["pipe"]["written_bytes"] > 1000);
  CHECK(now["pipe"]["frames"] >= 30);
  CHECK(now["pipe"]["skips"] == 0);
  CHECK(rows(server, "programs").size() == 1);  // and none of the copy
  const std::string metrics = test::get(server.http_port(), "/metrics").body;
  CHECK(metrics.find("weir_programs{state=\"running\"} 1\n") != std::string::npos);
  CHECK(metrics.find("weir_program_pipe_bytes_total{direction=\"written\"} ") != std::string::npos);
  player.socket.cut();  // a stream that players wait for is listed
  hang_up(camera);
  CHECK(soon([&] { return rows(server, "programs").empty(); }));
  // At once, and not after the grace in which players wait for a publisher.
  CHECK(soon([&] { return rows(server, "streams").empty(); }, 10s));
}

TEST_CASE("a process reads a transport stream, or one kind of tracks", "[scenario][pipes]") {
  const Folder folder;
  const bool ts = GENERATE(true, false);
  LiveServer server(process("/bin/cat", ts ? "format ts; tracks video; apply live/cam;" : "tracks audio;"),
                    folder.root());
  Camera camera(server), other(server, "other");
  RtmpPeer player(server.rtmp_port(), Role::play, "cam_copy");
  if (ts) {
    CHECK(row(server, "process copy of live/other").is_null());
  }
  REQUIRE(soon([&] {
    camera.send(5);
    player.run_until([&] { return false; }, 10ms);
    return (ts ? pictures(player) : sounds(player)) >= 20;
  }));
  CHECK((ts ? sounds(player) : pictures(player)) == 0);
  CHECK(row(server)["pipe"]["format"] == (ts ? "ts" : "flv"));
}

TEST_CASE("a program that ends at once is told of and started again after pauses that grow", "[scenario][pipes]") {
  const Folder folder;
  LiveServer server(process(folder.script("short", "sleep 0.01; exit 7")), folder.root());
  Camera camera(server);
  const auto begun = std::chrono::steady_clock::now();
  CHECK(soon([&] {
    camera.send(1);
    const json now = row(server);
    return now.is_object() && now["starts"] >= 3 &&
           now["error"].get<std::string>().find("exit status 7") != std::string::npos;
  }));
  // After 1 and 2 s, each a quarter shorter at least.
  CHECK(std::chrono::steady_clock::now() - begun >= 2250ms);
  CHECK(rows(server, "streams").size() == 1);
}

TEST_CASE("what a program says on its standard error is no part of its stream", "[scenario][pipes]") {
  const Folder folder;
  const std::string mark = "flood-" + std::to_string(::getpid());
  const std::string noise = "while :; do echo " + mark + " >&2; done";
  LiveServer server(process(folder.script("loud", "sh -c '" + noise + "' &\nexec cat")), folder.root());
  Camera camera(server);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam_copy");
  REQUIRE(plays(player, camera, 50));
  std::ifstream log(folder.path / "process-copy-__defaultVhost__-live-cam.log");
  std::string line;
  CHECK((std::getline(log, line) && line == mark));
  CHECK(processes_with(mark) > 0);
  hang_up(camera);
  CHECK(soon([&] { return processes_with(mark) == 0; }));  // what it left behind goes with it
}

TEST_CASE("a program that forks and does not listen to SIGTERM is gone soon after its stream", "[scenario][pipes]") {
  const Folder folder;
  const std::string mark = std::to_string(50'000'000 + ::getpid());
  LiveServer server(
      process(folder.script("deaf", "trap '' TERM\nsleep " + mark + " &\ncat\nwhile :; do sleep 1; done")),
      folder.root());
  Camera camera(server);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam_copy");
  REQUIRE(plays(player, camera, 20));
  CHECK(processes_with(mark) == 1);
  hang_up(camera);
  CHECK(soon([&] { return processes_with(mark) == 0; }));
  CHECK(soon([&] { return rows(server, "programs").empty(); }));
}

TEST_CASE("a program that never reads costs players nothing", "[scenario][pipes]") {
  const Folder folder;
  LiveServer server(process("/bin/sleep 1000"), folder.root());
  Camera camera(server);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(soon([&] {
    camera.send(1);
    return row(server).is_object() && row(server)["running"] == true;
  }));
  const std::size_t before = pictures(player);
  REQUIRE(soon([&] {
    camera.send(20);
    player.run_until([&] { return false; }, 1ms);
    return camera.next >= 1500;
  }));
  CHECK(player.run_until([&] { return pictures(player) >= before + 1400; }));
  CHECK(row(server)["pipe"]["behind_seconds"] > 1.0);
}

TEST_CASE("a transcode by pipes has a program and a stream for each engine, and makes no circle", "[scenario][pipes]") {
  const Folder folder;
  const std::string words = (folder.path / "words.txt").string();
  const std::string encoder = folder.script("encoder", "echo \"$@\" >> " + words + "\nexec cat");
  const auto engine = [](const std::string& name) {
    return "engine " + name +
           " { enabled on; vcodec copy; acodec copy; "
           "output rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]; } ";
  };
  LiveServer server(
      "min_latency on; transcode { enabled on; pipe on; ffmpeg " + encoder + "; " + engine("hd") + engine("sd") + "}",
      folder.root());
  Camera camera(server);
  RtmpPeer hd(server.rtmp_port(), Role::play, "cam_hd"), sd(server.rtmp_port(), Role::play, "cam_sd");
  REQUIRE(plays(hd, camera, 20));
  REQUIRE(plays(sd, camera, 20));
  CHECK(rows(server, "programs").size() == 2);
  CHECK(row(server, "transcode sd of live/cam")["pipe"]["makes"] == "live/cam_sd");
  std::ifstream file(words);
  std::string line;
  REQUIRE(std::getline(file, line));
  CHECK(line == "-loglevel info -f flv -i pipe:0 -vcodec copy -acodec copy -f flv -y pipe:1");
}

TEST_CASE("a program goes on when its publisher comes back, and follows a reload", "[scenario][pipes]") {
  const Folder folder;
  LiveServer server(process("/bin/cat", "") + "publish { grace 60; } ", folder.root());
  RtmpPeer player(server.rtmp_port(), Role::play, "cam_copy");
  {
    Camera camera(server);
    REQUIRE(plays(player, camera, 20));
    camera.peer.socket.cut();
  }
  Camera again(server);
  const std::size_t before = pictures(player);
  REQUIRE(plays(player, again, before + 20));
  CHECK(row(server)["starts"] == 1);

  REQUIRE(server.reload(process("/bin/cat") + "publish { grace 60; } play { mw_latency 100; }", folder.root()));
  CHECK(plays(player, again, before + 40));
  CHECK(row(server)["starts"] == 1);

  REQUIRE(server.reload("min_latency on; publish { grace 60; }", folder.root()));
  CHECK(soon([&] { return rows(server, "programs").empty(); }));

  REQUIRE(server.reload("min_latency on; publish { grace 60; } process other { exec /bin/cat; output live/new; }",
                        folder.root()));
  RtmpPeer other(server.rtmp_port(), Role::play, "new");
  CHECK(plays(other, again, 20));
}

}  // namespace weir::test::pipes_test
