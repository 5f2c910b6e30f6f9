#include <nlohmann/json.hpp>

#include "scenario/support/hls_client.h"
#include "scenario/support/srt_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::srt_servers_test {

// Several SRT servers of one process, and secrets of streams.
using test::LiveServer;
using test::play_id;
using test::publish_id;
using test::SrtPeer;
using test::SrtPlayer;

namespace {

constexpr std::string_view speaks_srt = "min_latency on; srt { enabled on; } ";

std::string with_api(const std::string& servers) {
  return "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } " + servers;
}

std::string one_server(const std::string& name, std::uint16_t port, const std::string& settings = "") {
  return "srt_server " + name + " { enabled on; listen 127.0.0.1:" + std::to_string(port) + "; tlpktdrop off; " +
         settings + "} ";
}

nlohmann::json listed(const LiveServer& server, const std::string& name) {
  const auto all = nlohmann::json::parse(test::get(server.http_port(), "/api/v1/srt_servers/").body);
  for (const auto& one : all["srt_servers"]) {
    if (one["name"] == name) return one;
  }
  return {};
}

std::uint64_t count_of(const LiveServer& server, const std::string& name, const std::string& what) {
  return listed(server, name).value(what, std::uint64_t{0});
}

}  // namespace

TEST_CASE("of two SRT servers one takes publishers, and the other players", "[scenario][srt]") {
  const std::uint16_t in = test::free_port(), out = test::free_port();
  LiveServer server(std::string(speaks_srt),
                    with_api(one_server("in", in, "direction in;") + one_server("out", out, "direction out;")));
  SrtPlayer player(out, play_id("cam"));
  REQUIRE(player.peer.connected());
  SrtPeer publisher(in, publish_id("cam"));
  REQUIRE(publisher.connected());
  REQUIRE(publisher.send_all(test::test_file("ts/h264_aac.ts")));
  CHECK(player.wait_frames(20));

  CHECK(SrtPeer(in, play_id("cam")).reject() == 1405);
  CHECK(SrtPeer(in, "").reject() == 1405);  // the default one asks to play
  CHECK(SrtPeer(out, publish_id("other")).reject() == 1405);

  CHECK(count_of(server, "in", "sockets") == 1);
  CHECK(count_of(server, "out", "sockets") == 1);
  CHECK(count_of(server, "in", "refused") == 2);
  CHECK(count_of(server, "out", "refused") == 1);
  CHECK(listed(server, "in")["direction"] == "in");
  CHECK(listed(server, "in")["open"] == true);
  const std::string metrics = test::get(server.http_port(), "/metrics").body;
  CHECK(metrics.find("weir_srt_server_refused_total{listen=\"127.0.0.1:" + std::to_string(in) + "\"} 2") !=
        std::string::npos);
}

TEST_CASE("a stream has a secret of its own, and who does not know it is counted", "[scenario][srt]") {
  const std::uint16_t port = test::free_port();
  const std::string vhost =
      "min_latency on; srt { enabled on; passphrase of-the-host; stream live/cam* { passphrase of-cameras; } "
      "stream live/cam1 { passphrase of-camera-1; pbkeylen 32; } } ";
  LiveServer server(vhost, with_api(one_server("", port, "passphrase of-the-server; ")));
  const auto calls = [&](const std::string& stream, const std::string& secret) {
    return SrtPeer(port, play_id(stream), {.passphrase = secret});
  };
  CHECK(calls("cam1", "of-camera-1").connected());
  CHECK(calls("cam2", "of-cameras").connected());
  CHECK(calls("x", "of-the-host").connected());
  CHECK(count_of(server, "", "wrong_secret") == 0);
  CHECK(calls("cam1", "of-cameras").reject() == SRT_REJ_BADSECRET);
  CHECK(calls("x", "of-the-server").reject() == SRT_REJ_BADSECRET);
  CHECK(SrtPeer(port, play_id("cam2")).reject() == SRT_REJ_UNSECURE);
  CHECK(test::soon([&] { return count_of(server, "", "wrong_secret") == 3; }));
  CHECK(count_of(server, "", "refused") == 3);
  CHECK(count_of(server, "", "accepted") == 3);
  // Nothing of it is shown.
  const std::string running = test::get(server.http_port(), "/api/v1/config").body;
  CHECK(running.find("of-c") == std::string::npos);
  CHECK(running.find("of-the-server") == std::string::npos);
}

TEST_CASE("a reload adds, changes and removes SRT servers, and the others go on", "[scenario][srt]") {
  const std::uint16_t first = test::free_port(), second = test::free_port();
  const std::string vhost(speaks_srt);
  LiveServer server(vhost, with_api(one_server("", first)));
  SrtPlayer player(first, play_id("cam"));
  REQUIRE(player.peer.connected());

  REQUIRE(server.reload(vhost, with_api(one_server("", first) + one_server("more", second, "direction in;"))));
  SrtPeer publisher(second, publish_id("cam"));
  REQUIRE(publisher.connected());
  CHECK(SrtPeer(second, play_id("cam")).reject() == 1405);

  REQUIRE(server.reload(vhost, with_api(one_server("", first) + one_server("more", second, "direction out;"))));
  CHECK(SrtPeer(second, publish_id("other")).reject() == 1405);
  CHECK(publisher.alive());

  REQUIRE(server.reload(vhost, with_api(one_server("", first))));
  CHECK(listed(server, "more").is_null());
  bool open = true;
  for (int i = 0; i < 5 && open; ++i) open = SrtPeer(second, play_id("cam")).connected();
  CHECK_FALSE(open);
  // Who came by it goes on.
  REQUIRE(publisher.send_all(test::test_file("ts/h264_aac.ts")));
  CHECK(player.wait_frames(20));
  CHECK(SrtPeer(first, play_id("cam")).connected());
}

}  // namespace weir::test::srt_servers_test
