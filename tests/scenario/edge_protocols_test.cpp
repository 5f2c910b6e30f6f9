#include "scenario/support/hook_server.h"
#include "scenario/support/rtc_server.h"
#include "scenario/support/running_camera.h"
#include "scenario/support/srt_server.h"
#include "support/catch.h"

namespace weir::test::edge_protocols_test {

// An edge fetches a stream for whoever asks for it first, by any protocol.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer;
using test::Camera;
using test::LiveServer;
using test::rows;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";
constexpr const char* segments =
    "hls { enabled on; hls_fragment 1; hls_to_disk off; } "
    "dash { enabled on; dash_fragment 1; }";

std::string at(const LiveServer& server) { return "127.0.0.1:" + std::to_string(server.rtmp_port()); }
std::string edge_of(const std::string& origins, const std::string& more = "") {
  return "min_latency on; cluster { mode remote; linger 1; origin " + origins + "; } " + more;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool fetches(const LiveServer& edge) {
  const auto sources = rows(edge, "sources");
  return sources.size() == 1 && sources[0]["state"] == "receiving" && sources[0]["on_demand"] == true;
}

}  // namespace

TEST_CASE("a playlist that nobody has asked for yet has its stream fetched", "[scenario][edge]") {
  LiveServer origin("min_latency on;");
  const std::string ctx = GENERATE(as<std::string>{}, "on", "off");
  LiveServer edge(edge_of(at(origin), "hls { enabled on; hls_fragment 1; hls_to_disk off; hls_ctx " + ctx + "; }"),
                  with_api);
  const RunningCamera camera(origin);
  const Answer answer = ask_until(edge, "/live/cam.m3u8", 200);
  REQUIRE(answer.status == 200);
  CHECK(has(answer.body, ctx == "on" ? "hls_ctx=" : "#EXTINF"));
  CHECK(fetches(edge));
  if (ctx == "off") CHECK_FALSE(test::playlist(edge, "/live/cam.m3u8", 2).empty());
}

TEST_CASE("so do a low-latency playlist and a manifest", "[scenario][edge]") {
  LiveServer origin("min_latency on;");
  LiveServer edge(edge_of(at(origin),
                          "hls { enabled on; hls_fragment 1; hls_to_disk off; hls_ctx off; hls_use_fmp4 on; "
                          "hls_low_latency on; hls_part_duration 0.2; } dash { enabled on; dash_fragment 1; }"),
                  with_api);
  const RunningCamera camera(origin);
  const bool dash = GENERATE(false, true);
  const Answer answer = ask_until(edge, dash ? "/live/cam.mpd" : "/live/cam.m3u8?_HLS_skip=YES", 200);
  REQUIRE(answer.status == 200);
  CHECK(has(answer.body, dash ? "<MPD" : "#EXT-X-PART"));
  CHECK(fetches(edge));
}

TEST_CASE("so do the live formats beside FLV", "[scenario][edge]") {
  LiveServer origin("min_latency on;");
  LiveServer edge(edge_of(at(origin)), with_api);
  const RunningCamera camera(origin);
  const std::string extension = GENERATE(as<std::string>{}, ".ts", ".mp4", ".aac", ".flv");
  test::Socket socket(edge.http_port());
  socket.send("GET /live/cam" + extension + " HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string all;
  base::Buffer room(64 * 1024);
  while (all.size() < 4096) {
    const int count = socket.receive({room.data(), room.size()}, 30s);
    if (count <= 0) break;
    all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  CHECK(all.starts_with("HTTP/1.1 200 "));
  CHECK(all.size() >= 4096);
  CHECK(fetches(edge));
}

TEST_CASE("so does an offer of WebRTC, and is told why it cannot be had", "[scenario][edge][rtc]") {
  LiveServer origin("min_latency on;");
  const RunningCamera camera(origin);
  const std::uint16_t port = test::free_port();
  const std::string root = std::string(with_api) +
                           " rtc_server { enabled on; listen 127.0.0.1:" + std::to_string(port) +
                           "; candidate 127.0.0.1; }";
  const std::string rtc = "rtc { enabled on; rtmp_to_rtc on; }";
  const auto offer = [](const LiveServer& server) {
    const test::ByteVector sdp = test::test_file("sdp/chromium156-play.sdp");
    test::Socket socket(server.http_port());
    socket.send("POST /live/cam/whep HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/sdp\r\nContent-Length: " +
                std::to_string(sdp.size()) + "\r\n\r\n" + std::string(sdp.begin(), sdp.end()));
    std::string all;
    base::Buffer room(64 * 1024);
    for (int count = 0; (count = socket.receive({room.data(), room.size()}, 30s)) > 0;) {
      all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
    }
    return all;
  };
  {
    LiveServer edge(edge_of(at(origin), rtc), root);
    CHECK(has(offer(edge), " 201 "));
    CHECK(test::soon([&] { return fetches(edge); }));
  }
  LiveServer lonely(edge_of("127.0.0.1:1", rtc), root);
  const std::string refused = offer(lonely);
  CHECK(has(refused, " 503 "));
  CHECK(has(refused, "Retry-After: 1"));
}

TEST_CASE("so does a call by SRT", "[scenario][edge][srt]") {
  LiveServer origin("min_latency on;");
  test::SrtServer edge("cluster { mode remote; origin " + at(origin) + "; }");
  const RunningCamera camera(origin);
  test::SrtPlayer player(edge.port(), test::play_id("cam"));
  CHECK(player.wait_frames(20));
  CHECK(fetches(edge.live()));
}

TEST_CASE("players by HTTP of what cannot be had are told why, and when to ask again", "[scenario][edge]") {
  LiveServer edge(edge_of("127.0.0.1:1", segments), with_api);
  for (const char* target : {"/live/cam.m3u8", "/live/cam.mpd", "/live/cam.flv", "/live/cam.mp4"}) {
    const Answer answer = test::get(edge.http_port(), target, 30s);
    INFO(target << ": " << answer.head << answer.body);
    CHECK(answer.status == 503);
    CHECK(has(answer.head, "Retry-After: 1"));
    CHECK_FALSE(answer.body.empty());
  }
  CHECK(rows(edge, "sources").empty());
  test::HookServer nothing([](const test::HookServer::Call&) { return test::HookServer::ok("", "404 Not Found"); });
  edge.reload(edge_of(nothing.url("/[stream]"), segments), with_api);
  CHECK(test::get(edge.http_port(), "/live/other.m3u8", 30s).status == 404);
  CHECK(test::get(edge.http_port(), "/live/other.flv", 30s).status == 404);
  // What is no playlist of a stream is not fetched, and nothing is where nobody could bring it.
  CHECK(test::get(edge.http_port(), "/live/other-12.ts", 30s).status == 404);
  LiveServer plain(segments, with_api);
  CHECK(test::get(plain.http_port(), "/live/cam.m3u8").status == 404);
}

TEST_CASE("who waits for a playlist is told within a bounded time", "[scenario][edge]") {
  LiveServer origin("min_latency on;");  // where nobody publishes
  LiveServer edge(edge_of(at(origin), segments), with_api);
  CHECK(test::get(edge.http_port(), "/live/cam.m3u8", 30s).status == 404);
  // By then it is asked for; once it is there, it is there at once.
  const RunningCamera camera(origin);
  CHECK(ask_until(edge, "/live/cam.m3u8", 200).status == 200);
}

TEST_CASE("a stream is fetched as long as players of HLS ask for it, and a while longer", "[scenario][edge]") {
  LiveServer origin("min_latency on;");
  LiveServer edge(edge_of(at(origin), segments), with_api);
  const RunningCamera camera(origin);
  REQUIRE(ask_until(edge, "/live/cam.m3u8", 200).status == 200);
  CHECK(fetches(edge));
  CHECK(test::soon([&] { return rows(edge, "sources").empty(); }));
  // And from then on for the next one, who may be given at once what is still there.
  REQUIRE(ask_until(edge, "/live/cam.m3u8", 200).status == 200);
  CHECK(test::soon([&] { return fetches(edge); }));
}

TEST_CASE("a player of HLS that may not play has nothing fetched", "[scenario][edge]") {
  LiveServer origin("min_latency on;");
  LiveServer edge(edge_of(at(origin), std::string(segments) + " security { enabled on; deny play all; }"), with_api);
  const RunningCamera camera(origin);
  CHECK(test::get(edge.http_port(), "/live/cam.m3u8", 30s).status == 403);
  CHECK(rows(edge, "sources").empty());
}

}  // namespace weir::test::edge_protocols_test
