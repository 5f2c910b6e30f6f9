#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/auth/token.h"
#include "scenario/support/hls_client.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::hls_guard_test {

// What a playlist gives away is for whom it was given to.
using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer, test::get, test::publish, test::playlist, test::scratch, test::validate_playlist;
using test::HookServer;
using test::LiveServer;
using test::RtmpPeer;

namespace {

constexpr const char* packaged = "hls { enabled on; hls_fragment 1; hls_window 10; hls_to_disk off; ";

std::string signed_query(const char* stream) {
  hub::Request request;
  request.vhost = std::make_shared<config::Vhost>();
  request.app = "live";
  request.stream = stream;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return "token=" + auth::sign_url("s3cret", request, hub::Action::play, now + 600s);
}

// From where a player begins to its media playlist, as players do: by the address in the multivariant playlist.
std::string media_address(const LiveServer& server, const std::string& target, const std::string& fields = "") {
  Answer master = get(server.http_port(), target, 5s, fields);
  test::soon([&] {  // until there is a segment
    master = get(server.http_port(), target, 5s, fields);
    return master.status != 404;
  });
  CHECK(master.status == 200);
  std::string line;
  for (std::size_t at = 0; at < master.body.size();) {
    const std::size_t end = std::min(master.body.find('\n', at), master.body.size());
    line = master.body.substr(at, end - at);
    if (!line.empty() && line[0] != '#') break;
    at = end + 1;
  }
  return line;
}

std::string header(const Answer& answer, const std::string& name) {
  const auto at = answer.head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 4;
  return answer.head.substr(from, answer.head.find("\r\n", from) - from);
}

int kick(const LiveServer& server, const std::string& id) {
  test::Socket socket(server.http_port());
  socket.send("DELETE /api/v1/clients/" + id + " HTTP/1.0\r\nHost: x\r\n\r\n");
  base::Buffer room(4096);
  return socket.receive({room.data(), room.size()}, 5s);
}

struct Stream {
  Stream(LiveServer& server, const char* name) : publisher(server.rtmp_port(), Role::publish, name) {
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    publish(publisher, 0, 110);
  }
  RtmpPeer publisher;
};

}  // namespace

TEST_CASE("segments and keys of a host with tokens are for who was given the playlist", "[scenario][hls][guard]") {
  const std::string options =
      GENERATE(as<std::string>{}, "hls_ts_ctx off; }", "hls_use_fmp4 on; }", "hls_keys on; hls_fragments_per_key 1; }");
  LiveServer server(packaged + options + " auth { enabled on; secret s3cret; publish off; }");
  Stream a(server, "a"), b(server, "b");
  int status = 404;
  test::soon([&] { return (status = get(server.http_port(), "/live/a.m3u8").status) != 404; });
  CHECK(status == 403);
  const std::string address = media_address(server, "/live/a.m3u8?" + signed_query("a"));
  REQUIRE(address.find("hls_ctx=") != std::string::npos);
  const auto list = validate_playlist(playlist(server, address, 4)).playlist;
  REQUIRE(list.segments.size() >= 4);

  std::vector<std::string> uris;
  for (const auto& segment : list.segments) uris.push_back(segment.uri);
  const std::string text = get(server.http_port(), address).body;
  for (std::size_t at = 0; (at = text.find("URI=\"", at)) != std::string::npos; ++at) {
    uris.push_back(text.substr(at + 5, text.find('"', at + 5) - at - 5));
  }
  const std::string other_session =
      media_address(server, "/live/b.m3u8?" + signed_query("b")).substr(std::string("/live/b.m3u8?").size());
  for (const std::string& uri : uris) {
    INFO(uri);
    const std::string path = "/live/" + uri.substr(0, uri.find('?'));
    for (int i = 0; i < 4; ++i) {  // over several connections, so that both workers are asked
      const Answer given = get(server.http_port(), "/live/" + uri);
      CHECK(given.status == 200);
      CHECK(header(given, "Cache-Control").starts_with("private"));
      CHECK(get(server.http_port(), path).status == 403);
      CHECK(get(server.http_port(), path + "?hls_ctx=invented").status == 403);
      CHECK(get(server.http_port(), path + "?" + other_session).status == 403);
    }
  }
}

TEST_CASE("hooks, addresses and pages guard segments as tokens do; numbers and publishers' rules do not",
          "[scenario][hls][guard]") {
  HookServer hook;
  struct Case {
    std::string rules;
    bool guarded;
    std::string options = "";
  };
  const std::vector<Case> cases{
      {"http_hooks { enabled on; on_play " + hook.url() + "; }", true},
      {"http_hooks { enabled on; on_stop " + hook.url() + "; }", false},
      {"security { enabled on; allow play 127.0.0.1; allow publish all; }", true},
      {"security { enabled on; deny publish 192.0.2.1; }", false},
      {"refer { enabled on; play example.com; http on; }", true},
      {"refer { enabled on; play example.com; }", false},
      {"stream_limits { max_players 100; }", false},
      {"auth { enabled on; secret x; play off; publish off; }", false},
      {"http_hooks { enabled on; on_play " + hook.url() + "; }", false, "hls_guard off; "},
      {"", false},
  };
  for (const Case& one : cases) {
    INFO(one.rules);
    LiveServer server(packaged + ("hls_ts_ctx off; " + one.options + "} " + one.rules));
    Stream stream(server, "a");
    const std::string fields = "Referer: https://www.example.com/page\r\n";
    const std::string address = media_address(server, "/live/a.m3u8", fields);
    const auto list = validate_playlist(playlist(server, address, 4)).playlist;
    REQUIRE(list.segments.size() >= 4);
    CHECK((list.segments[0].uri.find("hls_ctx") != std::string::npos) == one.guarded);
    const Answer with = get(server.http_port(), "/live/" + list.segments[1].uri);
    CHECK(with.status == 200);
    CHECK(header(with, "Cache-Control").starts_with(one.guarded ? "private" : "public"));
    CHECK(get(server.http_port(), "/live/a-1.ts").status == (one.guarded ? 403 : 200));
  }
}

TEST_CASE("players without sessions in their addresses get them where the host is guarded: DASH, hls_ctx off",
          "[scenario][hls][guard]") {
  LiveServer server(
      std::string(packaged) +
      "hls_ctx off; } dash { enabled on; dash_fragment 1; } auth { enabled on; secret s3cret; publish off; }");
  Stream stream(server, "a");
  const std::string query = signed_query("a");
  const auto list = validate_playlist(playlist(server, "/live/a.m3u8?" + query, 4)).playlist;
  REQUIRE(list.segments.size() >= 4);
  CHECK(get(server.http_port(), "/live/" + list.segments[0].uri).status == 200);
  CHECK(get(server.http_port(), "/live/a-0.ts").status == 403);
  CHECK(get(server.http_port(), "/live/a-0.ts?" + query).status == 403);
  // The same address and program, but without what the first one showed.
  CHECK(get(server.http_port(), "/live/a.m3u8").status == 403);
  CHECK(get(server.http_port(), "/live/a.mpd").status == 403);

  const Answer mpd = get(server.http_port(), "/live/a.mpd?" + query);
  REQUIRE(mpd.status == 200);
  const auto from = mpd.body.find("-$Number$.m4s");
  REQUIRE(from != std::string::npos);
  const std::string session = mpd.body.substr(from + 13, mpd.body.find('"', from) - from - 13);
  CHECK(session.starts_with("?hls_ctx="));
  CHECK(header(mpd, "Cache-Control").starts_with("private"));
  CHECK(get(server.http_port(), "/live/a/video-1.m4s" + session).status == 200);
  CHECK(get(server.http_port(), "/live/a/video-init.mp4" + session).status == 200);
  CHECK(get(server.http_port(), "/live/a/video-1.m4s").status == 403);
  CHECK(get(server.http_port(), "/live/a/video-init.mp4").status == 403);
  CHECK(get(server.http_port(), "/live/a.mpd?" + query).body.find(session) != std::string::npos);  // one session
}

TEST_CASE("one that was kicked gets no segment and no part, also of what it waits for", "[scenario][hls][guard]") {
  const bool guarded = GENERATE(false, true);
  HookServer hook;
  LiveServer server(std::string(packaged) + "hls_low_latency on; } " +
                        (guarded ? "http_hooks { enabled on; on_play " + hook.url() + "; }" : ""),
                    "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  Stream stream(server, "a");
  REQUIRE_FALSE(playlist(server, "/live/a.m3u8?hls_ctx=player01", 4).empty());
  RtmpPeer player(server.rtmp_port(), Role::play, "a");  // it has all frames when that has the last
  REQUIRE(player.run_until([&] { return !player.media.empty() && player.media.back().time_ms == 109 * 40; }));
  const auto list = validate_playlist(playlist(server, "/live/a.m3u8?hls_ctx=player01", 4)).playlist;
  REQUIRE_FALSE(list.preload_hint.empty());
  const std::string segment = "/live/" + list.segments.back().uri;
  CHECK(get(server.http_port(), segment).status == 200);
  Answer reload, hinted;
  std::thread waiter([&] {
    reload = get(server.http_port(), "/live/a.m3u8?hls_ctx=player01&_HLS_msn=" +
                                         std::to_string(list.media_sequence + static_cast<long>(list.segments.size())));
  });
  std::thread asker([&] { hinted = get(server.http_port(), "/live/" + list.preload_hint); });
  CHECK(test::soon([&] { return test::held(server) > 0; }));
  CHECK(kick(server, "player01") > 0);
  CHECK(test::soon([&] {  // and the other worker hears of it; either may be asked
    for (int i = 0; i < 8; ++i) {
      if (get(server.http_port(), segment).status != 404) return false;
    }
    return true;
  }));
  publish(stream.publisher, 110, 140);
  waiter.join();
  asker.join();
  CHECK(reload.status == 404);
  CHECK(hinted.status == 404);
  for (int i = 0; i < 8; ++i) CHECK(get(server.http_port(), segment).status == 404);
  // Hooks say that it may not come back; without rules anybody is let in.
  CHECK(get(server.http_port(), segment.substr(0, segment.find('?'))).status == (guarded ? 403 : 200));
}

TEST_CASE("files of a guarded host are not served as files, under whatever name", "[scenario][hls][guard]") {
  const bool guarded = GENERATE(false, true);
  const auto folder = scratch("guarded");
  LiveServer server("hls { enabled on; hls_fragment 1; hls_window 5; hls_dispose 0; hls_keys on; hls_path " +
                        folder.string() + "; } dash { enabled on; dash_fragment 1; dash_dispose 0; dash_path " +
                        folder.string() + "; } " + (guarded ? "auth { enabled on; secret s3cret; publish off; }" : ""),
                    "workers 2; vhost other { http_static "
                    "{ enabled on; mount [vhost]/; dir " +
                        folder.string() + "; } }");
  Stream stream(server, "a");
  for (const char* name : {"a.m3u8", "a-0.ts", "a-0.key", "a.mpd", "a/video-0.m4s", "a/video-init.mp4"}) {
    INFO(name);
    CHECK(test::soon([&] { return std::filesystem::exists(folder / "live" / name); }));
    CHECK(get(server.http_port(), std::string("/live/") + name + "?vhost=other").status == (guarded ? 403 : 200));
  }
  // What somebody put there is a file as ever.
  std::ofstream(folder / "live/own.ts") << "x";
  CHECK(get(server.http_port(), "/live/own.ts?vhost=other").status == 200);
}

TEST_CASE("a reload that guards a host closes its segments and goes on", "[scenario][hls][guard]") {
  const std::string vhost = std::string(packaged) + "hls_ts_ctx off; }";
  LiveServer server(vhost);
  Stream stream(server, "a");
  REQUIRE_FALSE(playlist(server, "/live/a.m3u8?hls_ctx=before", 4).empty());
  CHECK(get(server.http_port(), "/live/a-1.ts").status == 200);
  server.reload(vhost + " auth { enabled on; secret s3cret; publish off; }");
  CHECK(get(server.http_port(), "/live/a-1.ts").status == 403);
  CHECK(get(server.http_port(), "/live/a-1.ts?hls_ctx=before").status == 200);
  // The listing with the new rules begins with the next round of the server's housekeeping.
  int at = 110;
  CHECK(test::soon([&] {
    publish(stream.publisher, at, at + 25);
    at += 25;
    const auto list = validate_playlist(playlist(server, "/live/a.m3u8?hls_ctx=before", 1)).playlist;
    return !list.segments.empty() && list.segments.back().uri.ends_with("?hls_ctx=before");
  }));
}

}  // namespace weir::test::hls_guard_test
