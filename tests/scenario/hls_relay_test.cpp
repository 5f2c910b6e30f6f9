#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "base/digest.h"
#include "scenario/support/hook_server.h"
#include "scenario/support/running_camera.h"
#include "support/catch.h"

namespace weir::test::hls_relay_test {

// An edge that relays HLS has its origin's playlists, segments and parts, and asks for each of them once.

using namespace std::chrono_literals;
using test::Answer;
using test::Camera;
using test::HookServer;
using test::LiveServer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";
const std::string low_latency =
    "min_latency on; hls { enabled on; hls_fragment 1; hls_to_disk off; hls_use_fmp4 on; hls_low_latency on; "
    "hls_part_duration 0.2; } ";

std::string edge_of(const std::string& origins, const std::string& more = "") {
  return "min_latency on; cluster { mode remote; origin 127.0.0.1:1; hls_relay on; hls_origin " + origins +
         "; } hls { enabled on; hls_fragment 1; hls_to_disk off; } " + more;
}
std::string http_of(const LiveServer& server) { return "127.0.0.1:" + std::to_string(server.http_port()); }
std::string place_of(const HookServer& server) {
  const std::string url = server.url("");
  return url.substr(std::string("http://").size());
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string digest(const std::string& bytes) {
  const base::Sha256 sum = base::sha256({base::as_bytes(bytes)});
  return {reinterpret_cast<const char*>(sum.data()), sum.size()};
}

std::uint64_t figure(const LiveServer& server, const std::string& name) {
  const std::string body = test::get(server.http_port(), "/metrics").body;
  const auto at = body.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::stoull(body.substr(at + name.size() + 2));
}

// The files that a playlist names, initialisation and parts too, but for the one that is still to come.
std::set<std::string> files_in(const std::string& playlist) {
  std::set<std::string> all;
  std::istringstream lines(playlist);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#EXT-X-PRELOAD-HINT")) continue;
    if (!line.empty() && line.front() != '#') all.insert(line);
    if (const auto at = line.find("URI=\""); at != std::string::npos) {
      all.insert(line.substr(at + 5, line.find('"', at + 5) - at - 5));
    }
  }
  return all;
}

// Of the newest playlist: the number of the segment that is open.
std::uint64_t open_segment(const LiveServer& origin) {
  const std::string text = test::get(origin.http_port(), "/live/cam.m3u8", 5s, "Weir-Way: test\r\n").body;
  const auto at = text.find("#EXT-X-MEDIA-SEQUENCE:");
  if (at == std::string::npos) return 0;
  std::uint64_t number = std::stoull(text.substr(at + 22));
  for (std::size_t from = text.find("#EXTINF"); from != std::string::npos; from = text.find("#EXTINF", from + 1)) {
    ++number;
  }
  return number;
}

}  // namespace

TEST_CASE("three edges have the playlists, segments and parts of their origin, byte for byte",
          "[scenario][hls_relay]") {
  LiveServer origin(low_latency, with_api);
  LiveServer one(edge_of(http_of(origin)), with_api), two(edge_of(http_of(origin)), with_api);
  LiveServer three(edge_of(http_of(two)), with_api);  // an edge of an edge
  Camera camera(origin);
  REQUIRE(test::soon([&] {
    camera.send(5);
    return open_segment(origin) >= 3;
  }));
  // Nothing is made from here on, so that nothing goes while it is compared.
  const std::string target = "/live/cam.m3u8?_HLS_msn=" + std::to_string(open_segment(origin) - 1);
  const Answer told = test::get(origin.http_port(), target, 30s, "Weir-Way: test\r\n");
  REQUIRE(told.status == 200);
  for (const LiveServer* edge : {&one, &two, &three}) {
    const Answer there = test::get(edge->http_port(), target + "&token=7", 30s);
    CHECK(there.status == 200);
    CHECK(there.body == told.body);
    CHECK(has(there.head, "Cache-Control: public, max-age=6"));
  }
  CHECK_FALSE(has(told.body, "hls_ctx"));
  CHECK(has(told.body, "#EXT-X-PROGRAM-DATE-TIME"));

  const std::set<std::string> files = files_in(told.body);
  std::size_t parts = 0;
  for (const std::string& file : files) {
    INFO(file);
    const std::string path = "/live/" + file;
    const Answer first = test::get(origin.http_port(), path, 30s);
    REQUIRE(first.status == 200);
    for (const LiveServer* edge : {&one, &two, &three}) {
      const Answer there = test::get(edge->http_port(), path, 30s);
      REQUIRE(there.status == 200);
      CHECK(digest(there.body) == digest(first.body));
      CHECK(has(there.head, "ETag: "));
    }
    parts += file.ends_with(".m4s") && file.find('.') != file.rfind('.');
  }
  CHECK(parts >= 3);
  CHECK(figure(one, "weir_hls_streams") == 0);  // nothing was cut there
  for (const auto& stream : test::rows(one, "streams")) CHECK(stream["publish"]["active"] == false);  // nor fetched
}

TEST_CASE("players who wait for the same make one question", "[scenario][hls_relay]") {
  LiveServer origin(low_latency, with_api);
  LiveServer edge(edge_of(http_of(origin)), with_api);
  Camera camera(origin);
  REQUIRE(test::soon([&] {
    camera.send(10);
    return test::get(edge.http_port(), "/live/cam.m3u8").status == 200;
  }));
  // It is complete when the camera goes on.
  const std::string target = "/live/cam.m3u8?_HLS_msn=" + std::to_string(open_segment(origin));
  const std::uint64_t asked = figure(edge, "weir_hls_relay_requests_total");
  std::vector<std::thread> players;
  std::vector<Answer> answers(10);
  for (Answer& answer : answers) {
    players.emplace_back([&] {
      answer = test::get(edge.http_port(), target + "&token=" + std::to_string(&answer - answers.data()), 30s);
    });
  }
  const auto joined = [&] { return figure(edge, "weir_hls_relay_answers_total{from=\"another\"}"); };
  CHECK(test::soon([&] { return joined() >= answers.size() - 1; }));
  std::atomic<bool> over = false;
  std::thread publisher([&] {
    (void)test::soon(
        [&] {
          camera.send(1);
          return over.load();
        },
        1min);
  });
  for (std::thread& player : players) player.join();
  over = true;
  publisher.join();
  for (const Answer& answer : answers) {
    CHECK(answer.status == 200);
    CHECK(answer.body == answers.front().body);
  }
  CHECK(figure(edge, "weir_hls_relay_requests_total") == asked + 1);
}

TEST_CASE("an edge that may not give its segments to anybody gives them to its players", "[scenario][hls_relay]") {
  HookServer hooks([](const HookServer::Call& call) { return HookServer::ok(has(call.body, "good") ? "0" : "1"); });
  LiveServer origin(low_latency, with_api);
  LiveServer edge(edge_of(http_of(origin), "http_hooks { enabled on; on_play " + hooks.url() + "; }"), with_api);
  Camera camera(origin);
  REQUIRE(test::soon([&] {
    camera.send(5);
    return open_segment(origin) >= 3;
  }));
  REQUIRE(ask_until(edge, "/live/cam.m3u8?token=good", 200).status == 200);
  CHECK(test::get(edge.http_port(), "/live/cam.m3u8?token=bad").status == 403);
  CHECK(test::get(edge.http_port(), "/live/cam.m3u8").status == 403);
  const Answer page = test::get(edge.http_port(), "/live/cam.m3u8?token=good");
  CHECK(has(page.head, "Cache-Control: private"));
  const std::set<std::string> files = files_in(page.body);
  REQUIRE_FALSE(files.empty());
  for (const std::string& file : files) {
    INFO(file);
    REQUIRE(has(file, "?hls_ctx="));
    const Answer answer = test::get(edge.http_port(), "/live/" + file, 30s);
    CHECK(answer.status == 200);
    CHECK(has(answer.head, "Cache-Control: private"));
    CHECK(test::get(edge.http_port(), "/live/" + file.substr(0, file.find('?'))).status == 403);
    CHECK(test::get(edge.http_port(), "/live/" + file + "x").status == 403);
  }
}

TEST_CASE("segments and live streams of such names are told apart at an edge", "[scenario][hls_relay]") {
  LiveServer origin("min_latency on; hls { enabled on; hls_fragment 1; hls_to_disk off; hls_ctx off; }", with_api);
  LiveServer edge(edge_of(http_of(origin)), with_api);
  const RunningCamera camera(origin);
  const Answer page = ask_until(edge, "/live/cam.m3u8", 200);
  const std::set<std::string> files = files_in(page.body);
  REQUIRE_FALSE(files.empty());
  const std::string path = "/live/" + *files.begin();
  REQUIRE(path.ends_with(".ts"));
  // Somebody else, who never asked for the playlist here: round robin over edges.
  const Answer whole = test::get(edge.http_port(), path, 30s, "User-Agent: another\r\n");
  CHECK(whole.status == 200);
  const Answer part = test::get(edge.http_port(), path, 30s, "Range: bytes=188-375\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == whole.body.substr(188, 188));
  CHECK(test::get(edge.http_port(), "/live/cam-99999.ts", 30s).status == 404);
  CHECK(test::get(edge.http_port(), "/live/nobody-7.ts", 30s).status == 404);
  CHECK(test::get(edge.http_port(), "/live/nobody.m3u8", 30s).status == 404);
  CHECK(test::get(edge.http_port(), "/live/cam.m3u8?_HLS_part=1", 30s).status == 400);
}

TEST_CASE("an origin that is gone is passed over, and without any a player is told to come again",
          "[scenario][hls_relay]") {
  auto origin = std::make_unique<LiveServer>(low_latency, with_api);
  LiveServer edge(edge_of("127.0.0.1:1 " + http_of(*origin)), with_api);
  {
    const RunningCamera camera(*origin);
    CHECK(ask_until(edge, "/live/cam.m3u8", 200).status == 200);
  }
  origin.reset();
  const Answer gone = ask_until(edge, "/live/cam.m3u8", 503);
  CHECK(gone.status == 503);
  CHECK(has(gone.head, "Retry-After: 1"));
  CHECK(figure(edge, "weir_hls_relay_failures_total") > 0);
}

TEST_CASE("edges that ask one another do not do so for ever", "[scenario][hls_relay]") {
  LiveServer one(edge_of("127.0.0.1:{HTTP}"), with_api);  // itself
  const Answer answer = test::get(one.http_port(), "/live/cam.m3u8", 30s);
  CHECK(answer.status >= 400);
  CHECK(figure(one, "weir_cluster_loops_total") == 1);
}

TEST_CASE("what a bad origin says costs a player his answer, and nobody more", "[scenario][hls_relay]") {
  struct Case {
    const char* what;
    std::string said;
    int status;
  };
  const auto head = [](const std::string& status, const std::string& more, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  const std::vector<Case> cases{
      {"a page in place of a playlist", head("200 OK", "", "<html>"), 502},
      {"no HTTP", "nonsense\r\n\r\n", 503},
      {"a body that is cut off", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n#EXTM3U\n", 503},
      {"a body without end in sight", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n#EXTM3U\n", 503},
      {"a redirect to nowhere", head("302 Found", "Location: gopher://x/\r\n", ""), 502},
      {"a redirect without a place", head("302 Found", "", ""), 502},
      {"a fault of its own", head("500 Oops", "", "sorry\n"), 500},
      {"nothing", "", 503},
      {"a refusal", head("403 Forbidden", "", "no\n"), 403},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    HookServer bad([&](const HookServer::Call&) { return one.said; });
    LiveServer edge(edge_of(place_of(bad)), with_api);
    const Answer answer = test::get(edge.http_port(), "/live/cam.m3u8", 30s);
    CHECK(answer.status == one.status);
    CHECK(test::get(edge.http_port(), "/api/v1/versions").status == 200);
  }
}

TEST_CASE("an origin's redirect is followed, and remembered for the stream", "[scenario][hls_relay]") {
  LiveServer origin(low_latency, with_api);
  const RunningCamera camera(origin);
  HookServer other([&](const HookServer::Call& call) {
    return "HTTP/1.1 302 Found\r\nLocation: http://" + http_of(origin) + call.target + "\r\nContent-Length: 0\r\n\r\n";
  });
  LiveServer edge(edge_of(place_of(other)), with_api);
  const Answer page = ask_until(edge, "/live/cam.m3u8", 200);
  REQUIRE(page.status == 200);
  const std::size_t asked = other.calls().size();
  CHECK(test::get(edge.http_port(), "/live/cam/init.mp4", 30s).status == 200);
  CHECK(ask_until(edge, "/live/cam.m3u8", 200).status == 200);
  CHECK(other.calls().size() == asked);
}

}  // namespace weir::test::hls_relay_test
