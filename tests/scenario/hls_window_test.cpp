#include <fstream>

#include "scenario/support/hls_client.h"
#include "support/catch.h"

namespace weir::test::hls_window_test {

// A window of hours has no place in memory: what the disk has is answered from there.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer, test::get, test::scratch, test::validate_playlist;
using test::LiveServer;
using test::RtmpPeer;

namespace {

constexpr std::size_t frame_bytes = 8000;  // 200 kB a second
constexpr int seconds = 20;                // four times what memory has room for

std::string packaged(const std::filesystem::path& folder, const std::string& more = "") {
  return more + " hls { enabled on; hls_fragment 1; hls_window 60; hls_ctx off; hls_memory_per_stream 1m; hls_path " +
         folder.string() + "; }";
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A second at a time, as fast as the disk takes it.
void publish(RtmpPeer& publisher, const std::filesystem::path& folder, int from, int to) {
  for (int second = from; second < to; ++second) {
    for (int i = second * 25; i < (second + 1) * 25; ++i) {
      publisher.send_frame(static_cast<std::uint32_t>(i) * 40, i % 25 == 0, frame_bytes);
    }
    if (second == from) continue;
    const auto file = folder / ("live/a-" + std::to_string(second - 1) + ".ts");
    REQUIRE(test::soon([&] { return std::filesystem::exists(file); }));
  }
}

std::vector<std::string> listed(const LiveServer& server, const std::string& query = "") {
  std::vector<std::string> uris;
  for (const auto& one : validate_playlist(get(server.http_port(), "/live/a.m3u8" + query).body).playlist.segments) {
    uris.push_back(one.uri);
  }
  return uris;
}

std::uint64_t memory(const LiveServer& server) {
  const std::string metrics = get(server.http_port(), "/metrics").body, name = "\nweir_hls_memory_bytes ";
  REQUIRE(metrics.find(name) != std::string::npos);
  return std::stoull(metrics.substr(metrics.find(name) + name.size()));
}

}  // namespace

TEST_CASE("a window that is longer than its memory is answered from the disk", "[scenario][hls]") {
  const auto folder = scratch("window");
  LiveServer server(packaged(folder), "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "a");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, folder, 0, seconds);
  CHECK(test::soon([&] { return listed(server).size() >= seconds - 1; }));
  for (const std::string& uri : listed(server)) {
    Answer answer;
    REQUIRE(test::soon([&] {
      answer = get(server.http_port(), "/live/" + uri);
      return answer.status == 200;
    }));
    INFO(uri << "\n" << answer.head);
    CHECK(answer.body.size() > 150'000);
    CHECK((answer.body == content(folder / "live" / uri)));
    CHECK(answer.head.find("public, max-age=60") != std::string::npos);
  }
  const std::string oldest = "/live/" + listed(server).front();
  const Answer part = get(server.http_port(), oldest, 5s, "Range: bytes=188-375\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == content(folder / oldest.substr(1)).substr(188, 188));
  CHECK(get(server.http_port(), oldest + "?hls_ctx=x").status == 200);

  CHECK(memory(server) <= 1u << 20);
}

TEST_CASE("a server that was killed goes on with a window of any length", "[scenario][hls]") {
  const auto folder = scratch("window-again");
  std::string before;
  {
    LiveServer server(packaged(folder));
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "a");
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    publish(publisher, folder, 0, seconds);
    CHECK(test::soon(
        [&] { return content(folder / "live/a.m3u8").find("a-" + std::to_string(seconds - 2)) != std::string::npos; }));
    std::filesystem::copy(folder, folder.string() + "-kept", std::filesystem::copy_options::recursive);
  }
  std::filesystem::remove_all(folder);  // what a clean stop made of it
  std::filesystem::rename(folder.string() + "-kept", folder);
  LiveServer server(packaged(folder));
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "a");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  CHECK(test::soon([&] { return listed(server).size() >= seconds - 2; }));
  const Answer oldest = get(server.http_port(), "/live/" + listed(server).front());
  CHECK(oldest.status == 200);
  CHECK(oldest.body.size() > 150'000);
}

TEST_CASE("what the disk has of a guarded stream is for its players alone", "[scenario][hls]") {
  const auto folder = scratch("window-guarded");
  LiveServer server(packaged(folder, "refer { enabled on; http on; play example.com; }"));
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "a");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish(publisher, folder, 0, seconds);
  const std::string page = "Referer: http://example.com/\r\n";
  std::string text;
  CHECK(test::soon([&] {
    const Answer answer = get(server.http_port(), "/live/a.m3u8", 5s, page);
    text = answer.body;
    return validate_playlist(text).playlist.segments.size() >= seconds - 1;
  }));
  const std::string oldest = validate_playlist(text).playlist.segments.front().uri;
  const std::string bare = oldest.substr(0, oldest.find('?'));
  INFO(oldest);
  CHECK(bare != oldest);
  const Answer answer = get(server.http_port(), "/live/" + oldest);
  CHECK(answer.status == 200);
  CHECK(answer.head.find("Cache-Control: private") != std::string::npos);
  CHECK((answer.body == content(folder / "live" / bare)));
  CHECK(get(server.http_port(), "/live/" + bare).status == 403);
}

TEST_CASE("the window of DASH is answered from the disk, too", "[scenario][dash]") {
  const auto folder = scratch("window-dash");
  LiveServer server(
      "hls { hls_memory_per_stream 1m; } dash { enabled on; dash_fragment 1; dash_window_size 60; dash_path " +
          folder.string() + "; }",
      "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "a");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  const auto path = [](int number) { return "live/a/video-" + std::to_string(number) + ".m4s"; };
  for (int second = 0; second < seconds; ++second) {
    for (int i = second * 25; i < (second + 1) * 25; ++i) {
      publisher.send_frame(static_cast<std::uint32_t>(i) * 40, i % 25 == 0, frame_bytes);
    }
    if (second == 0) continue;
    REQUIRE(test::soon([&] { return std::filesystem::exists(folder / path(second - 1)); }));
  }
  for (int i = 0; i < seconds - 1; ++i) {
    Answer answer;
    CHECK(test::soon([&] {
      answer = get(server.http_port(), "/" + path(i));
      return answer.status == 200;
    }));
    INFO(i << "\n" << answer.head);
    CHECK(answer.body.size() > 150'000);
    CHECK((answer.body == content(folder / path(i))));
  }
  CHECK(memory(server) <= 1u << 20);
}

}  // namespace weir::test::hls_window_test
