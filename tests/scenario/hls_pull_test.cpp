#include <algorithm>
#include <map>

#include "scenario/support/camera.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"

namespace weir::test::hls_pull_test {

// Streams that a server fetches as HLS.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::HookServer;
using test::LiveServer;
using test::pictures;
using test::RtmpPeer;
using test::soon;

namespace {

const std::string with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string source(const std::string& url) { return "min_latency on; source live/copy { url " + url + "; }"; }
std::string at(const LiveServer& server, const std::string& path) {
  return "http://127.0.0.1:" + std::to_string(server.http_port()) + path;
}
std::string error_of(const LiveServer& server) {
  const auto all = test::rows(server, "sources");
  return all.size() == 1 ? all[0]["error"].get<std::string>() : "";
}
bool fails(const LiveServer& server, const std::string& text) {
  const bool found = soon([&] { return error_of(server).find(text) != std::string::npos; });
  INFO(error_of(server));
  CHECK(found);
  return found;
}

// The pictures' bodies without the head of their tag, in order.
std::vector<std::string> bodies(const RtmpPeer& player) {
  std::vector<std::string> out;
  for (const auto& message : player.media) {
    if (message.type != rtmp::MessageType::video || message.payload.data()[1] != 1) continue;
    const auto bytes = message.payload.bytes();
    out.emplace_back(reinterpret_cast<const char*>(bytes.data()) + 5, bytes.size() - 5);
  }
  return out;
}

}  // namespace

TEST_CASE("another server's HLS is fetched, plain and encrypted, in TS and in MP4", "[scenario][sources][hls]") {
  const std::string kind =
      GENERATE(as<std::string>{}, "", "hls_keys on; hls_fragments_per_key 1; hls_key_url /;", "hls_use_fmp4 on;");
  const std::string folder = test::scratch("pull").string();
  LiveServer origin(
      "min_latency on; hls { enabled on; hls_fragment 1; hls_window 20; hls_path " + folder + "; " + kind + " }",
      "workers 2; http_server { enabled on; listen 127.0.0.1:{HTTP}; dir " + folder + "; }");
  Camera camera(origin);
  RtmpPeer direct(origin.rtmp_port(), Role::play, "cam");
  REQUIRE(test::plays(direct, camera, 3));
  camera.send(100);
  LiveServer server(source(at(origin, "/live/cam.m3u8")), with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  const bool came = soon([&] {
    camera.send(1);
    direct.run_until([] { return false; }, 1ms);
    player.run_until([] { return false; }, 20ms);
    return pictures(player) >= 40;
  });
  INFO(error_of(server));
  REQUIRE(came);
  // Frame by frame what the origin sent on by RTMP, which the direct player may not have read yet. HLS may begin before
  // what that one saw first.
  const auto got = bodies(player);
  CHECK(soon([&] {
    direct.run_until([] { return false; }, 20ms);
    const auto sent = bodies(direct);
    return std::search(sent.begin(), sent.end(), got.begin() + 20, got.begin() + 35) != sent.end();
  }));
  CHECK(std::count_if(got.begin(), got.end(), [](const std::string& body) { return body.size() < 100; }) == 0);
}

TEST_CASE("what is wrong with a playlist is said in words", "[scenario][sources][hls]") {
  const std::string head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n";
  struct Case {
    std::string says, playlist;
  };
  const Case one = GENERATE_COPY(values<Case>(
      {{"does not begin with #EXTM3U", "<html>"},
       {"nothing to play", "#EXTM3U\n"},
       {"not by AES-128", head + "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n#EXTINF:2,\na.ts\n"},
       {"cannot be read", head + "#EXTINF:two,\na.ts\n"},
       {"more than 10,000 segments", head + std::string(9000, 'x')},
       {"larger than what is read", std::string(2 << 20, '\n')},
       {"leads into a network", head + "#EXTINF:2,\nhttp://169.254.169.254:1/a.ts\n#EXT-X-ENDLIST\n"},
       {"redirects to what is no URL", head + "#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"},
       {"no such stream", head + "#EXTINF:2,\nnone.ts\n#EXT-X-ENDLIST\n"},
       {"with the key", head + "#EXT-X-KEY:METHOD=AES-128,URI=\"short\"\n#EXTINF:2,\ngarbage.ts\n#EXT-X-ENDLIST\n"},
       {"with the key", head + "#EXT-X-KEY:METHOD=AES-128,URI=\"key\"\n#EXTINF:2,\ngarbage.ts\n#EXT-X-ENDLIST\n"},
       {"neither FLV nor MPEG-TS", head + "#EXTINF:2,\ngarbage.ts\n#EXT-X-ENDLIST\n"}}));
  if (one.says == "leads into a network") return;  // nothing answers there: see reach_test
  HookServer web([&one](const HookServer::Call& call) {
    if (call.target == "/a.m3u8") return HookServer::ok(one.playlist);
    if (call.target == "/garbage.ts") return HookServer::ok(std::string(100'000, 'x'));
    if (call.target == "/key") return HookServer::ok(std::string(16, 'k'));
    if (call.target == "/short") return HookServer::ok("k");
    return HookServer::ok("", "404 Not Found");
  });
  LiveServer server(source(web.url("/a.m3u8")) + " publish { firstpkt_timeout 60000; }", with_api);
  fails(server, one.says);
}

TEST_CASE("of several variants the highest is fetched, or the one that is named", "[scenario][sources][hls]") {
  HookServer web([](const HookServer::Call& call) {
    if (call.target.starts_with("/a.m3u8")) {
      return HookServer::ok(
          "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x360\nlow/x.m3u8\n"
          "#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=1x720\nhigh/x.m3u8\n");
    }
    return HookServer::ok("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nseg.ts\n#EXT-X-ENDLIST\n");
  });
  const bool named = GENERATE(false, true);
  LiveServer server(source("'" + web.url(named ? "/a.m3u8?variant=360&t=s3cret" : "/a.m3u8") + "'"), with_api);
  const auto asked = [&](const std::string& target) {
    const auto calls = web.calls();
    return std::any_of(calls.begin(), calls.end(), [&](const auto& call) { return call.target == target; });
  };
  CHECK(soon([&] { return asked(named ? "/low/seg.ts" : "/high/seg.ts"); }));
  CHECK_FALSE(asked(named ? "/high/x.m3u8" : "/low/x.m3u8"));
  if (named) CHECK(asked("/a.m3u8?t=s3cret"));
}

}  // namespace weir::test::hls_pull_test
