#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "format/mp4/movie.h"
#include "scenario/support/camera.h"
#include "scenario/support/hook_server.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::sources_test {

// Streams that a server fetches by URLs of other schemes than RTMP.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::HookServer;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::rows;
using test::RtmpPeer;

namespace {

const std::string with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string source(const std::string& url) {
  return "min_latency on; ingest one { enabled on; input { type stream; url " + url +
         "; } engine { output rtmp://127.0.0.1:[port]/live/copy; } }";
}

std::string on_demand(const std::string& url) { return "min_latency on; cluster { mode remote; origin " + url + "; }"; }

std::string at(const LiveServer& server, const std::string& path) {
  return "http://127.0.0.1:" + std::to_string(server.http_port()) + path;
}

json row(const LiveServer& server) {
  const auto all = rows(server, "sources");
  return all.size() == 1 ? all[0] : json();
}

// Whether the only source of the server comes to an error that says this.
bool fails(const LiveServer& server, const std::string& text) {
  return test::soon([&] {
    const json now = row(server);
    return now.is_object() && now["error"].get<std::string>().find(text) != std::string::npos;
  });
}

// A folder with what a test puts there.
struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("weir-sources-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void put(const std::string& name, base::Bytes bytes) const {
    std::ofstream(path / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  std::filesystem::path path;
};

std::string in_folder(const Folder& folder, const std::string& name = "") {
  return with_api + " http_server { enabled on; listen 127.0.0.1:{HTTP}; dir " + (folder.path / name).string() + "; }";
}

// The same as a regular MP4 file.
base::Buffer mp4_of(const std::string& flv) {
  const test::MediaFile media = test::read_flv(flv);
  mp4::MovieWriter writer(media.tracks);
  base::Buffer file;
  writer.begin(file);
  for (const auto& frame : media.frames) (void)writer.add(*frame, file);
  const auto end = writer.finish();
  REQUIRE(end.has_value());
  std::copy_n(end->data_box_head.data(), end->data_box_head.size(), file.data() + end->patch_at);
  file.append(end->moov);
  return file;
}

bool runs(const std::string& text) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    std::ifstream file(entry.path() / "cmdline");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    if (line.find(text) != std::string::npos && line.find("tail") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a stream is fetched by HTTP, in FLV and in MPEG-TS", "[scenario][sources]") {
  LiveServer origin("min_latency on;");
  Camera camera(origin);
  const std::string path = GENERATE(as<std::string>{}, "/live/cam.flv?token=s3cret", "/live/cam.ts");
  LiveServer server(source(at(origin, path)), with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  CHECK(plays(player, camera, 10));
  const json now = row(server);
  REQUIRE(now.is_object());
  CHECK(now["state"] == "receiving");
  CHECK(now["on_demand"] == false);
  CHECK(now["recv_bytes"] > 1000);
  CHECK(now["source"].get<std::string>().find("s3cret") == std::string::npos);
  server.reload("min_latency on;", with_api);
  CHECK(test::soon([&] { return rows(server, "sources").empty(); }));
}

TEST_CASE("an edge asks its origin by HTTP-FLV", "[scenario][sources]") {
  LiveServer origin("min_latency on;");
  LiveServer edge("min_latency on; cluster { mode remote; origin 127.0.0.1:" + std::to_string(origin.http_port()) +
                      "; protocol flv; }",
                  with_api);
  Camera camera(origin);
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  REQUIRE(plays(player, camera, 10));
  CHECK(row(edge)["source"] == at(origin, "/live/cam.flv"));
}

TEST_CASE("any URL is fetched while somebody plays it", "[scenario][sources]") {
  LiveServer origin("min_latency on;");
  LiveServer server(on_demand(at(origin, "/[app]/[stream].ts")), with_api);
  CHECK(rows(server, "sources").empty());
  Camera camera(origin);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam"), other(server.rtmp_port(), Role::play, "cam");
  REQUIRE(plays(player, camera, 10));
  REQUIRE(plays(other, camera, 10));
  CHECK(row(server)["on_demand"] == true);
  CHECK(row(server)["source"] == at(origin, "/live/cam.ts"));
}

TEST_CASE("players of what cannot be had are told at once", "[scenario][sources]") {
  HookServer nothing([](const HookServer::Call&) { return HookServer::ok("", "404 Not Found"); });
  std::string url = GENERATE(as<std::string>{}, "http://127.0.0.1:1/a", "nothing", "file:none.flv",
                             "'exec:/no/such/program [stream]'", "file:[stream]/../../../etc/passwd");
  if (url == "nothing") url = nothing.url("/a");
  if (url.find("..") != std::string::npos) {
    CHECK_THROWS(LiveServer(on_demand(url), with_api));
    return;
  }
  LiveServer server(on_demand(url), with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  CHECK(player.wait_closed());
  CHECK(rows(server, "sources").empty());
  CHECK(test::get(server.http_port(), "/metrics").body.find("weir_source_failed_starts_total 1\n") !=
        std::string::npos);
}

TEST_CASE("what a source does wrong costs its own connection, and is said in words", "[scenario][sources]") {
  struct Case {
    std::string name, says;
    HookServer::Answer answer;
  };
  const std::string endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(300'000, 'x');
  const Case cases[] = {
      {"garbage", "neither FLV nor MPEG-TS",
       [](const HookServer::Call&) { return HookServer::ok(std::string(200'000, 'x')); }},
      {"a page", "neither FLV nor MPEG-TS",
       [](const HookServer::Call&) { return HookServer::ok("<html>no stream here</html>"); }},
      {"nothing", "neither FLV nor MPEG-TS", [](const HookServer::Call&) { return HookServer::ok(""); }},
      {"broken FLV", "FLV",
       [](const HookServer::Call&) { return HookServer::ok("FLV\x01\x05" + std::string(200, '\xff')); }},
      {"a line without an end", "chunk", [&](const HookServer::Call&) { return endless; }},
      {"a circle", "redirects too often",
       [](const HookServer::Call&) {
         return std::string("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
       }},
      {"redirect to a file", "redirects to what is no URL",
       [](const HookServer::Call&) {
         return std::string("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
       }},
      {"no such stream", "404", [](const HookServer::Call&) { return HookServer::ok("", "404 Not Found"); }},
      {"no HTTP", "HTTP/1.x", [](const HookServer::Call&) { return std::string("220 mail.example ESMTP\r\n\r\n"); }},
  };
  for (const Case& one : cases) {
    INFO(one.name);
    HookServer bad(one.answer);
    LiveServer server(source(bad.url("/live/x?key=s3cret")), with_api);
    CHECK(fails(server, one.says));
    CHECK(test::soon([&] { return row(server)["state"] == "waiting"; }));
    CHECK(row(server)["next_try_seconds"] > 0);
    CHECK(row(server).dump().find("s3cret") == std::string::npos);
  }
}

TEST_CASE("a source that says nothing is left in time, and by a server that stops", "[scenario][sources]") {
  HookServer silent([](const HookServer::Call&) { return std::string(HookServer::hang); });
  {
    LiveServer server(source(silent.url("/x")), with_api);
    REQUIRE(silent.wait_calls(1));
    server.stop();
  }
  HookServer half(
      [](const HookServer::Call&) { return std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nFLV"); });
  LiveServer server(source(half.url("/x")) + " publish { firstpkt_timeout 500; }", with_api);
  CHECK(fails(server, "longer than its time limit"));
}

TEST_CASE("a file is played over and over by its time stamps", "[scenario][sources]") {
  const Folder folder;
  folder.put("a.flv", test::test_file("flv/h264_aac.flv"));
  folder.put("a.mp4", mp4_of("flv/h264_aac.flv"));
  folder.put("a.ts", test::test_file("ts/h264_aac.ts"));
  const std::string name = GENERATE(as<std::string>{}, "a.flv", "a.mp4", "a.ts");
  LiveServer server(source("file:" + name), in_folder(folder));
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  // More than one round of it.
  const std::size_t most = name == "a.ts" ? 45 : 80;
  REQUIRE(player.run_until([&] { return pictures(player) >= most; }, 60s));
  std::optional<std::int64_t> before;
  for (const auto& message : player.media) {
    if (message.type != rtmp::MessageType::video || message.payload.data()[1] != 1) continue;
    const auto time = static_cast<std::int64_t>(message.time_ms);
    if (before) CHECK((time > *before && time < *before + 500));
    before = time;
  }
  CHECK(row(server)["source"] == "file:" + name);
}

TEST_CASE("no file outside the root is played", "[scenario][sources]") {
  const Folder folder;
  folder.put("a.flv", test::test_file("flv/h264_aac.flv"));
  std::filesystem::create_directories(folder.path / "root");
  std::filesystem::create_symlink("../a.flv", folder.path / "root" / "out.flv");
  const std::string root = in_folder(folder, "root");
  const std::string url = GENERATE(as<std::string>{}, "file:out.flv", "file:///etc/passwd");
  LiveServer server(source(url), root);
  CHECK(fails(server, url.ends_with("out.flv") ? "outside the directory" : "no such file"));
  CHECK_THROWS(LiveServer(on_demand("file:../a.flv"), root));
}

TEST_CASE("a program's output is a stream, and the program ends with it", "[scenario][sources]") {
  const Folder folder;
  folder.put("a b.flv", test::test_file("flv/h264_aac.flv"));
  const std::string file = (folder.path / "a b.flv").string();
  const std::string root = with_api + " ff_log_dir " + folder.path.string() + ";";
  LiveServer server(source("'exec:/usr/bin/tail -c +1 -f \"" + file + "\"'"), root);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  CHECK(player.run_until([&] { return pictures(player) >= 5; }));
  CHECK(row(server)["state"] == "receiving");
  CHECK(runs(file));
  server.reload("min_latency on;", root);
  CHECK(test::soon([&] { return !runs(file); }));
  CHECK(rows(server, "sources").empty());
}

TEST_CASE("how a program ended is said, and it is started again", "[scenario][sources]") {
  const Folder folder;
  const std::string root = with_api + " ff_log_dir " + folder.path.string() + ";";
  const std::string program = GENERATE(as<std::string>{}, "/bin/false", "/bin/echo no stream", "/no/such/program");
  LiveServer server(source("'exec:" + program + "'"), root);
  CHECK(fails(server, program == "/bin/false" ? "exit status 1" : program == "/bin/echo no stream" ? "neither" : "No"));
  CHECK(test::soon([&] { return row(server)["attempts"] >= 2; }));
}

}  // namespace weir::test::sources_test
