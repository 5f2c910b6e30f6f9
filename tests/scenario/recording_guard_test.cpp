#include <sys/xattr.h>

#include <nlohmann/json.hpp>

#include <filesystem>

#include "app/auth/token.h"
#include "base/url.h"
#include "scenario/support/hls_client.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::recording_guard_test {

// A recording is for whom its stream was for.
using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer, test::get, test::HookServer, test::LiveServer, test::RtmpPeer;
namespace fs = std::filesystem;

namespace {

std::string play_token(const char* vhost, const char* stream) {
  hub::Request request;
  auto host = std::make_shared<config::Vhost>();
  host->name = vhost;
  request.vhost = host;
  request.app = "live";
  request.stream = stream;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return "?token=" + auth::sign_url("s3cret", request, hub::Action::play, now + 600s);
}

std::string roots(const fs::path& folder) {
  return "workers 2; http_server { enabled on; listen 127.0.0.1:{HTTP}; dir " + folder.string() +
         "; } http_api { enabled on; listen 127.0.0.1:{HTTP}; }";
}

// Publishes for a moment, and gives the recording's name below the folder when it is whole.
std::string recorded(const LiveServer& server, const fs::path& folder, const std::string& stream) {
  {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, stream);
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    test::publish(publisher, 0, 60);
    publisher.run_until([] { return false; }, 50ms);
  }
  std::string found;
  const std::string begin = stream.substr(0, stream.find('?')) + ".";
  test::soon([&] {
    std::error_code failure;
    for (const auto& one : fs::directory_iterator(folder / "live", failure)) {
      const std::string name = one.path().filename();
      if (name.starts_with(begin) && one.path().extension() != ".tmp") found = "/live/" + name;
    }
    return !found.empty();
  });
  REQUIRE_FALSE(found.empty());
  return found;
}

bool keeps_marks(const fs::path& file) {
  char room[8];
  if (::getxattr(file.c_str(), "user.weir.owner", room, 0) > 0) return true;
  WARN("this file system keeps no extended attributes");
  return false;
}

nlohmann::json listed(const LiveServer& server) {
  return nlohmann::json::parse(get(server.http_port(), "/api/v1/recordings?count=100").body);
}

}  // namespace

TEST_CASE("recordings of a host with tokens are for whoever may play the stream", "[scenario][dvr][guard]") {
  const auto folder = test::scratch("recording-guard");
  const std::string ending = GENERATE(as<std::string>{}, "flv", "mp4");
  const std::string dvr =
      "dvr { enabled on; dvr_path " + folder.string() + "/[app]/[stream].[timestamp]." + ending + "; }";
  // Both hosts write to one folder: nothing of a path tells whose a file is.
  LiveServer server("auth { enabled on; secret s3cret; publish off; } " + dvr + " } vhost open.example { " + dvr,
                    roots(folder));
  const std::string a = recorded(server, folder, "a"), b = recorded(server, folder, "b?vhost=open.example");
  const auto port = server.http_port();
  CHECK(get(port, a).status == 403);
  if (!keeps_marks(folder / a.substr(1))) return;
  const Answer given = get(port, a + play_token("__defaultVhost__", "a"));
  CHECK(given.status == 200);
  CHECK(given.body.size() == fs::file_size(folder / a.substr(1)));
  CHECK(given.head.find("Cache-Control: private") != std::string::npos);
  const Answer part = get(port, a + play_token("__defaultVhost__", "a"), 5s, "Range: bytes=0-9\r\n");
  CHECK(part.status == 206);
  CHECK(part.body.size() == 10);
  CHECK(get(port, a + play_token("__defaultVhost__", "b")).status == 403);
  CHECK(get(port, a + "?token=x").status == 403);
  for (const std::string& written : {"/live/../live" + a.substr(5), "/live/%61" + a.substr(7),
                                     a + "?vhost=open.example", a + "?start=20", "//" + a.substr(1)}) {
    INFO(written);
    CHECK(get(port, written).status != 200);
  }
  CHECK(get(port, a, 5s, "Host: open.example\r\n").status != 200);
  CHECK(get(port, b).status == 200);
  CHECK(get(port, b).head.find("private") == std::string::npos);

  // Wherever it is moved, and by whatever name.
  fs::rename(folder / a.substr(1), folder / "page.html");
  CHECK(get(port, "/page.html").status == 403);
  CHECK(get(port, "/page.html" + play_token("__defaultVhost__", "a")).status == 200);
  fs::rename(folder / "page.html", folder / a.substr(1));

  const auto rows = listed(server)["recordings"];
  REQUIRE(rows.size() == 2);
  for (const auto& row : rows) {
    INFO(row.dump());
    const bool is_a = row["stream"] == "a";
    CHECK(row["vhost"] == (is_a ? "__defaultVhost__" : "open.example"));
    CHECK(row["guarded"] == is_a);
    CHECK(row["hls"] == row["url"].get<std::string>() + ".m3u8");
    const std::string file = row["file"];
    const std::string target = "/api/v1/recordings/download?file=" + base::percent_encode(file);
    const Answer whole = get(port, target);
    CHECK(whole.status == 200);
    CHECK(whole.body.size() == fs::file_size(file));
    CHECK(whole.head.find("Content-Type: video/") != std::string::npos);
    const Answer range = get(port, target, 5s, "Range: bytes=10-19\r\n");
    CHECK(range.status == 206);
    CHECK(range.body == whole.body.substr(10, 10));
    CHECK(get(port, target, 5s, "X-Forwarded-For: 203.0.113.9\r\n").status == 403);
  }
  for (const char* other : {"/etc/passwd", "../../etc/passwd", "", "/live/x.flv"}) {
    CHECK(get(port, std::string("/api/v1/recordings/download?file=") + other).status == 404);
  }
  server.stop();
  fs::remove_all(folder);
}

TEST_CASE("a file is closed while it is written, and where nothing tells whose it is", "[scenario][dvr][guard]") {
  const auto folder = test::scratch("recording-unmarked");
  const std::string dvr = "dvr { enabled on; dvr_path " + folder.string() + "/[app]/[stream].[timestamp].flv; ";
  const std::string token = "auth { enabled on; secret s3cret; publish off; } ";
  fs::create_directories(folder / "live");
  LiveServer server(dvr + "}", roots(folder));
  const std::string a = recorded(server, folder, "a");
  const auto port = server.http_port();
  CHECK(get(port, a).status == 200);
  // It was made before marks were, and its host is guarded now.
  ::removexattr((folder / a.substr(1)).c_str(), "user.weir.owner");
  CHECK(get(port, a).status == 200);
  server.reload(token + dvr + "}", roots(folder));
  test::soon([&] { return get(port, a).status == 403; });
  CHECK(get(port, a).status == 403);
  CHECK(get(port, a + play_token("__defaultVhost__", "a")).status == 403);
  CHECK(get(port, "/api/v1/recordings/download?file=" + base::percent_encode((folder / a.substr(1)).string())).status ==
        200);
  {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "c");
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    std::string part;
    std::uint32_t count = 0;
    test::soon([&] {
      for (int i = 0; i < 25; ++i, ++count) publisher.send_frame(count * 40, count % 25 == 0);
      publisher.run_until([] { return true; }, 1ms);
      for (const auto& one : fs::directory_iterator(folder / "live")) {
        if (one.path().extension() == ".tmp") part = "/live/" + one.path().filename().string();
      }
      return !part.empty();
    });
    REQUIRE_FALSE(part.empty());
    CHECK(get(port, part).status == 403);
  }
  // SRS's way.
  server.reload(token + dvr + "dvr_guard off; }", roots(folder));
  CHECK(test::soon([&] { return get(port, a).status == 200; }));
  server.stop();
  fs::remove_all(folder);
}

TEST_CASE("on_play is asked about a recording, and on_stop told when it was sent", "[scenario][dvr][guard]") {
  const auto folder = test::scratch("recording-hooks");
  HookServer hook([](const HookServer::Call& call) {
    return HookServer::ok(
        call.body.find("on_play") != std::string::npos && call.body.find("?ok") == std::string::npos ? "1" : "0");
  });
  LiveServer server("http_hooks { enabled on; on_play " + hook.url() + "; on_stop " + hook.url() +
                        "; } dvr { enabled on; dvr_path " + folder.string() + "/[app]/[stream].[timestamp].flv; }",
                    roots(folder));
  const std::string a = recorded(server, folder, "a");
  const auto port = server.http_port();
  CHECK(get(port, a).status == 403);
  if (!keeps_marks(folder / a.substr(1))) return;
  CHECK(get(port, a + "?ok").status == 200);
  CHECK(test::soon([&] { return hook.count("on_stop") == 1; }));
  CHECK(hook.count("on_play") == 2);
  const auto told = nlohmann::json::parse(hook.calls().back().body);
  CHECK(told["stream"] == "a");
  CHECK(told["app"] == "live");
  server.stop();
  fs::remove_all(folder);
}

}  // namespace weir::test::recording_guard_test
