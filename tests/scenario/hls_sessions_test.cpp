#include <fstream>
#include <nlohmann/json.hpp>

#include "scenario/support/hls_client.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::hls_sessions_test {

using namespace std::chrono_literals;
using rtmp::Role;
using test::get, test::publish, test::playlist, test::scratch;
using test::HookServer;
using test::LiveServer;
using test::RtmpPeer;

namespace {

nlohmann::json json_of(const std::string& text) { return nlohmann::json::parse(text, nullptr, false); }

std::string remove_client(std::uint16_t port, const std::string& id) {
  test::Socket socket(port);
  socket.send("DELETE /api/v1/clients/" + id + " HTTP/1.0\r\nHost: x\r\n\r\n");
  base::Buffer room(4096);
  const int count = socket.receive({room.data(), room.size()}, 5s);
  return count <= 0 ? "" : std::string(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
}

}  // namespace

TEST_CASE("a player of HLS is listed, counted, told of by hooks, and kicked for good", "[scenario][hls]") {
  HookServer hook;
  LiveServer server(
      "hls { enabled on; hls_fragment 1; hls_window 5; hls_to_disk off; } http_hooks { enabled on; on_play " +
          hook.url() + "; on_stop " + hook.url() + "; }",
      "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "k");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 80);
  REQUIRE_FALSE(playlist(server, "/live/k.m3u8?hls_ctx=player01", 3).empty());
  CHECK(hook.count("on_play") == 1);
  CHECK(get(server.http_port(), "/live/k-1.ts?hls_ctx=player01").status == 200);

  const auto listed = json_of(get(server.http_port(), "/api/v1/clients/?count=10").body);
  REQUIRE(listed.contains("clients"));
  bool found = false;
  for (const auto& client : listed["clients"]) {
    if (client["type"] != "hls-play") continue;
    found = true;
    CHECK(client["id"] == "player01");
    CHECK(client["name"] == "k");
  }
  CHECK(found);

  CHECK(remove_client(server.http_port(), "player01").find("\"code\":0") != std::string::npos);
  // Once the sweep has told all workers; any of them may be asked.
  CHECK(test::soon([&] {
    for (int i = 0; i < 8; ++i) {
      const auto answer = get(server.http_port(), "/live/k.m3u8?hls_ctx=player01");
      if (answer.status != 404 || answer.body.find("is EOF") == std::string::npos) return false;
    }
    return true;
  }));
  CHECK(test::soon([&] { return hook.count("on_stop") == 1; }));  // told beside the answers
  CHECK(get(server.http_port(), "/live/k.m3u8?hls_ctx=player02").status == 200);
}

TEST_CASE("a hook server that says no keeps players of HLS out", "[scenario][hls]") {
  HookServer hook([](const HookServer::Call&) { return HookServer::ok("1"); });
  LiveServer server("hls { enabled on; hls_fragment 1; hls_to_disk off; } http_hooks { enabled on; on_play " +
                    hook.url() + "; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "n");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 60);
  int status = 404;
  test::soon([&] { return (status = get(server.http_port(), "/live/n.m3u8").status) != 404; });
  CHECK(status == 403);
}

TEST_CASE("on_hls and on_hls_notify tell of each segment when its file is there", "[scenario][hls][hooks]") {
  const auto folder = scratch("hooks");
  HookServer hook;
  LiveServer server("hls { enabled on; hls_fragment 1; hls_path " + folder.string() +
                    "; } http_hooks { enabled on; on_hls " + hook.url() + "; on_hls_notify " +
                    hook.url("/n/[app]/[stream]/[ts_url]") + "; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "h?key=1");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 80);
  REQUIRE(hook.wait_calls(6));
  std::vector<int> numbers;
  std::size_t notified = 0;
  for (const auto& call : hook.calls()) {
    if (call.method == "GET") {
      ++notified;
      CHECK(call.target.starts_with("/n/live/h/"));
      continue;
    }
    const auto body = json_of(call.body);
    CHECK(body["action"] == "on_hls");
    CHECK(body["stream"] == "h");
    CHECK(body["duration"] == 1.0);
    CHECK(std::filesystem::exists(body["file"].get<std::string>()));
    numbers.push_back(body["seq_no"]);
  }
  CHECK(numbers == std::vector<int>{0, 1, 2});
  CHECK(notified == 3);
}

TEST_CASE("hls_dispose takes what a publisher left, and a playlist that has ended says so", "[scenario][hls]") {
  const auto folder = scratch("dispose");
  LiveServer server("hls { enabled on; hls_fragment 1; hls_dispose 2; hls_recover off; hls_path " + folder.string() +
                    "; } dash { enabled on; dash_fragment 1; dash_dispose 1; dash_path " + folder.string() + "; }");
  {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "e");
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    publish(publisher, 0, 60);
    REQUIRE_FALSE(playlist(server, "/live/e.m3u8?hls_ctx=p", 2).empty());
  }
  std::string text;
  test::soon([&] {
    text = get(server.http_port(), "/live/e.m3u8?hls_ctx=p").body;
    return text.find("#EXT-X-ENDLIST") != std::string::npos;
  });
  CHECK(text.find("#EXT-X-ENDLIST\n") != std::string::npos);
  CHECK(test::validate_playlist(text).faults.empty());
  CHECK(std::filesystem::exists(folder / "live/e.m3u8"));
  const auto gone = [&](const char* what) {
    return get(server.http_port(), std::string("/") + what).status == 404 && !std::filesystem::exists(folder / what);
  };
  test::soon([&] {
    // The manifest has a shorter life.
    if (!gone("live/e.mpd")) CHECK_FALSE(gone("live/e.m3u8"));
    return gone("live/e.mpd") && gone("live/e.m3u8");
  });
  CHECK(gone("live/e.mpd"));
  CHECK(gone("live/e.m3u8"));
  CHECK_FALSE(std::filesystem::exists(folder / "live/e-0.ts"));
}

TEST_CASE("after a crash the playlist on the disk goes on", "[scenario][hls]") {
  const auto folder = scratch("crash"), copy = scratch("crash-copy");
  const std::string vhost =
      "hls { enabled on; hls_fragment 1; hls_window 20; hls_ctx off; hls_path " + folder.string() + "; }";
  std::string before;
  {
    LiveServer server(vhost);
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "c");
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    publish(publisher, 0, 80);
    before = playlist(server, "/live/c.m3u8", 3);
    // The playlist is written after the segment that it names.
    REQUIRE(test::soon([&] {
      std::ifstream file(folder / "live/c.m3u8");
      const std::string text((std::istreambuf_iterator<char>(file)), {});
      return text.find("c-2.ts") != std::string::npos;
    }));
    std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive);
  }
  std::filesystem::remove_all(folder);
  std::filesystem::rename(copy, folder);
  LiveServer server(vhost);
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "c");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 60);
  const std::string after = playlist(server, "/live/c.m3u8", 5);
  const auto first = test::validate_playlist(before).playlist, second = test::validate_playlist(after).playlist;
  REQUIRE(second.segments.size() == 5);
  CHECK(test::validate_update(first, second).empty());
  CHECK(second.segments[3].discontinuity);
  for (const auto& segment : second.segments) CHECK(get(server.http_port(), "/live/" + segment.uri).status == 200);
}

TEST_CASE("playlists are compressed for who takes it, and each type says how long it may be kept", "[scenario][hls]") {
  LiveServer server("hls { enabled on; hls_fragment 1; hls_window 8; hls_to_disk off; hls_ctx off; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "z");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, 0, 240);
  const std::string plain = playlist(server, "/live/z.m3u8", 8);
  const auto packed = get(server.http_port(), "/live/z.m3u8", 5s, "Accept-Encoding: gzip\r\n");
  CHECK(packed.head.find("Content-Encoding: gzip") != std::string::npos);
  CHECK(packed.head.find("Vary: Accept-Encoding") != std::string::npos);
  CHECK(packed.head.find("Cache-Control: no-cache") != std::string::npos);
  CHECK(packed.body.size() < plain.size());
  CHECK(packed.body.starts_with("\x1f\x8b"));
  for (const char* refused : {"gzip;q=0", "gzip; q=0.000, *", "identity, *;q=0"}) {
    INFO(refused);
    const auto whole = get(server.http_port(), "/live/z.m3u8", 5s, std::string("Accept-Encoding: ") + refused + "\r\n");
    CHECK(whole.status == 200);
    CHECK(whole.head.find("Content-Encoding") == std::string::npos);
    CHECK(whole.body.starts_with("#EXTM3U"));
  }
  const auto segment = get(server.http_port(), "/live/z-7.ts");
  CHECK(segment.head.find("Cache-Control: public, max-age=8") != std::string::npos);
  CHECK(segment.head.find("Content-Type: video/mp2t") != std::string::npos);
  const auto part = get(server.http_port(), "/live/z-7.ts", 5s, "Range: bytes=188-375\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == segment.body.substr(188, 188));
  for (const char* outside :
       {"/live/../../etc/passwd", "/live/%2e%2e/%2e%2e/etc/passwd", "/../etc/passwd", "/live/..%2fz.m3u8"}) {
    const int status = get(server.http_port(), outside).status;
    INFO(outside);
    CHECK((status == 400 || status == 403 || status == 404));
  }
}

}  // namespace weir::test::hls_sessions_test
