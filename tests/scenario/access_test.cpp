#include <ctime>
#include <mutex>

#include "app/auth/token.h"
#include "scenario/support/hook_server.h"
#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"
#include "support/soon.h"
#include "support/token_signer.h"

namespace weir::test::access_test {

// Who may come in, with the whole server.
using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;

namespace {

bool publishes(LiveServer& server, const std::string& stream) {
  RtmpPeer peer(server.rtmp_port(), Role::publish, stream);
  return peer.wait_publishing();
}

bool plays(LiveServer& server, const std::string& stream) {
  RtmpPeer peer(server.rtmp_port(), Role::play, stream);
  return peer.wait_playing();
}

std::string get(LiveServer& server, const std::string& path, const std::string& fields = "") {
  test::Socket socket(server.http_port());
  socket.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
  base::Buffer room(4096);
  const int count = socket.receive({room.data(), room.size()}, 2s);
  return count < 12 ? "" : std::string(reinterpret_cast<const char*>(room.data()) + 9, 3);
}

}  // namespace

TEST_CASE("addresses are refused by action and protocol, and a reload acts at once", "[scenario][auth]") {
  LiveServer server("security { enabled on; deny publish 127.0.0.0/8; allow play all; }");
  CHECK_FALSE(publishes(server, "a"));
  CHECK(plays(server, "a"));
  server.reload("security { enabled on; allow publish 127.0.0.1; deny play all flv; allow play all; }");
  CHECK(publishes(server, "a"));
  CHECK(plays(server, "a"));
  CHECK(get(server, "/live/a.flv") == "403");
}

TEST_CASE("pages of other sites may not publish, unless their origin is named", "[scenario][auth]") {
  const auto post = [](LiveServer& server, const std::string& fields) {
    test::Socket socket(server.http_port());
    socket.send("POST /live/page.flv HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nTransfer-Encoding: chunked\r\n" + fields +
                "\r\n9\r\nno FLV...\r\n0\r\n\r\n");
    base::Buffer room(4096);
    const int count = socket.receive({room.data(), room.size()}, 2s);
    return count < 12 ? std::string() : std::string(reinterpret_cast<const char*>(room.data()) + 9, 3);
  };
  LiveServer server;
  for (const char* fields : {"Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
                             "Sec-Fetch-Site: same-site\r\n", "User-Agent: Mozilla/5.0\r\n"}) {
    INFO(fields);
    CHECK(post(server, fields) == "403");
  }
  for (const char* fields : {"", "User-Agent: Lavf/60\r\n", "Origin: http://127.0.0.1:8080\r\n"}) {
    INFO(fields);
    CHECK(post(server, fields) != "403");
  }
  server.reload("", "workers 2; http_api { crossdomain_origins https://studio.example; }");  // of the API alone
  CHECK(post(server, "Origin: https://studio.example\r\n") == "403");
  server.reload("",
                "workers 2; http_server { enabled on; listen 127.0.0.1:{HTTP}; dir /nonexistent; "
                "crossdomain_origins https://studio.example; }");
  CHECK(post(server, "Origin: https://studio.example\r\nSec-Fetch-Site: cross-site\r\n") != "403");
  CHECK(post(server, "Origin: http://evil.example\r\n") == "403");
}

TEST_CASE("pages that refer does not name play by no format over HTTP", "[scenario][auth]") {
  LiveServer server(
      "refer { enabled on; http on; play example.com; } hls { enabled on; hls_fragment 1; hls_to_disk off; } "
      "dash { enabled on; dash_fragment 1; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  for (std::uint32_t i = 0; i < 150; ++i) publisher.send_frame(i * 40, i % 25 == 0);
  for (const char* format : {"flv", "ts", "mp4", "aac", "mp3", "m3u8", "mpd"}) {
    const std::string path = std::string("/live/cam.") + format;
    INFO(path);
    CHECK(get(server, path, "Referer: http://evil.example/page.html\r\n") == "403");
    CHECK(get(server, path) == "403");
  }
  CHECK(get(server, "/live/cam.ts", "Referer: https://www.example.com/page.html\r\n") == "200");
}

TEST_CASE("signed URLs open what they were made for", "[scenario][auth]") {
  LiveServer server("auth { enabled on; secret s3cret; }");
  hub::Request request;
  request.vhost = std::make_shared<config::Vhost>();
  request.app = "live";
  request.stream = "cam1";
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto sign = [&](hub::Action action, std::chrono::seconds from_now) {
    return "?token=" + auth::sign_url("s3cret", request, action, now + from_now);
  };
  CHECK(publishes(server, "cam1" + sign(hub::Action::publish, 60s)));
  CHECK_FALSE(publishes(server, "cam1"));
  CHECK_FALSE(publishes(server, "cam1" + sign(hub::Action::play, 60s)));
  CHECK_FALSE(publishes(server, "cam1" + sign(hub::Action::publish, -60s)));
  CHECK_FALSE(publishes(server, "cam2" + sign(hub::Action::publish, 60s)));
  CHECK(plays(server, "cam1?a=b&token=" + sign(hub::Action::play, 60s).substr(7)));
  CHECK(get(server, "/live/cam1.flv") == "403");
  CHECK(get(server, "/live/cam1.flv" + sign(hub::Action::play, -60s)) == "403");
}

TEST_CASE("no application of the default host is a stream of a protected one", "[scenario][auth]") {
  LiveServer server("", "workers 2; vhost secure.example.com { security { enabled on; deny play all; } }");
  RtmpPeer inside(server.rtmp_port(), Role::publish, "cam?vhost=secure.example.com");
  REQUIRE(inside.wait_publishing());
  CHECK_FALSE(plays(server, "cam?vhost=secure.example.com"));
  // Were it the same stream, this one would be told that it is published already.
  RtmpPeer outside(server.rtmp_port(), Role::publish, "cam", "secure.example.com/live");
  CHECK(outside.wait_publishing());
}

TEST_CASE("forged tokens are refused", "[scenario][auth]") {
  LiveServer server("auth { enabled on; scheme jwt; secret s3cret; }");
  // {"alg":"none"} {"exp":9999999999}
  CHECK_FALSE(publishes(server, "cam1?token=eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9."));
  CHECK_FALSE(publishes(server, "cam1?token=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.AAAA"));
  CHECK_FALSE(publishes(server, "cam1?token=" + std::string(2000, 'A')));
  LiveServer no_key("auth { enabled on; secret_file /nonexistent; }");
  CHECK_FALSE(publishes(no_key, "cam1?token=1-00"));
}

TEST_CASE("keys of tokens come from a URL, change, and outlive it", "[scenario][auth]") {
  const test::TokenSigner old(test::TokenSigner::Kind::ed25519), fresh(test::TokenSigner::Kind::ed25519);
  std::mutex mutex;
  std::string keys = old.jwk("1");
  bool down = false;
  test::HookServer issuer([&](const test::HookServer::Call&) {
    const std::scoped_lock lock(mutex);
    return down ? test::HookServer::ok("", "500 Internal Server Error")
                : test::HookServer::ok("{\"keys\":[" + keys + "]}");
  });
  const auto settings = [&](const std::string& path) {
    return "auth { enabled on; scheme jwt; jwks " + issuer.url(path) + "; jwks_retry 1; }";
  };
  LiveServer server(settings("/keys"), "workers 1;");
  const std::string claims = R"({"exp":9999999999,"action":"publish"})";
  const auto with = [&](const test::TokenSigner& signer, const std::string& id) {
    return "cam1?token=" + signer.token("EdDSA", id, claims);
  };
  CHECK(publishes(server, with(old, "1")));
  CHECK_FALSE(publishes(server, with(fresh, "1")));
  CHECK_FALSE(plays(server, with(old, "1")));
  CHECK(issuer.calls().size() == 1);
  {
    const std::scoped_lock lock(mutex);
    keys = fresh.jwk("2");
  }
  CHECK(test::soon([&] { return publishes(server, with(fresh, "2")); }));  // once jwks_retry is over
  CHECK_FALSE(publishes(server, with(old, "1")));
  const std::size_t asked = issuer.calls().size();
  {
    const std::scoped_lock lock(mutex);
    down = true;
  }
  CHECK(test::soon([&] { return !publishes(server, with(old, "1")) && issuer.calls().size() > asked; }));
  CHECK(publishes(server, with(fresh, "2")));
  // Another URL that never answered: nobody gets in.
  REQUIRE(server.reload(settings("/others"), "workers 1;"));
  CHECK_FALSE(publishes(server, with(fresh, "2")));
}

TEST_CASE("limits of sessions hold", "[scenario][auth]") {
  LiveServer server("stream_limits { max_streams 2; max_players_per_stream 1; max_publish_bitrate 1000000; }");
  RtmpPeer first(server.rtmp_port(), Role::publish, "a");
  REQUIRE(first.wait_publishing());
  {
    RtmpPeer second(server.rtmp_port(), Role::publish, "b");
    REQUIRE(second.wait_publishing());
    CHECK_FALSE(publishes(server, "c"));
    RtmpPeer player(server.rtmp_port(), Role::play, "a");
    REQUIRE(player.wait_playing());
    CHECK_FALSE(plays(server, "a"));
    CHECK(get(server, "/live/a.flv") == "503");
  }
  CHECK(test::soon([&] { return publishes(server, "c"); }));  // once the second has left
  CHECK(plays(server, "a"));

  // Six seconds at 4 Mbit/s: ended at the end of the first window.
  first.send_headers();
  bool ended = false;
  for (std::uint32_t i = 0; i < 160 && !ended; ++i) {
    first.send_frame(i * 40, i % 25 == 0, 20'000);
    ended = first.run_until([&] { return first.closed; }, 40ms);
  }
  CHECK(ended);
}

TEST_CASE("connections are limited by address and second", "[scenario][auth]") {
  LiveServer server("", "workers 2; max_connections_per_address 2;");
  {
    RtmpPeer first(server.rtmp_port(), Role::publish, "a"), second(server.rtmp_port(), Role::publish, "b");
    REQUIRE(first.wait_publishing());
    REQUIRE(second.wait_publishing());
    RtmpPeer third(server.rtmp_port(), Role::publish, "c");
    CHECK(third.wait_closed());
  }
  CHECK(test::soon([&] { return publishes(server, "c"); }));  // once they have left
}

TEST_CASE("a publisher whom nobody plays is ended", "[scenario][auth]") {
  LiveServer server("min_latency on; publish { kickoff_for_idle 2; }");
  RtmpPeer watched(server.rtmp_port(), Role::publish, "watched"), idle(server.rtmp_port(), Role::publish, "idle");
  REQUIRE(watched.wait_publishing());
  REQUIRE(idle.wait_publishing());
  RtmpPeer player(server.rtmp_port(), Role::play, "watched");
  REQUIRE(player.wait_playing());
  CHECK(idle.run_until([&] { return idle.closed; }, 5s));
  CHECK_FALSE(watched.run_until([&] { return watched.closed; }, 1s));
}

}  // namespace weir::test::access_test
