#include "scenario/support/camera.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"

namespace weir::test::cluster_test {

// Origins that ask one another who has a stream, and send its players there.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer;
using test::Camera;
using test::HookServer;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string host(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }
std::string origin_of(const std::string& coworkers, const std::string& more = "") {
  return "min_latency on; cluster { origin_cluster on; advertise 127.0.0.1; coworkers " + coworkers + "; } " + more;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
std::string metric(const LiveServer& server, const std::string& name) {
  const std::string body = test::get(server.http_port(), "/metrics").body;
  const auto at = body.find("\n" + name + " ");
  return at == std::string::npos ? ""
                                 : body.substr(at + name.size() + 2, body.find('\n', at + 1) - at - name.size() - 2);
}

// A coworker that says what it is told to.
HookServer::Answer says(const std::string& body) {
  return [body](const HookServer::Call&) { return HookServer::ok(body); };
}

}  // namespace

TEST_CASE("a player of a stream that another origin has is sent there, by any protocol", "[scenario][cluster]") {
  LiveServer other("min_latency on; cluster { advertise 127.0.0.1; }", with_api);
  LiveServer here(origin_of(host(other.http_port()), "hls { enabled on; } dash { enabled on; }"), with_api);
  Camera camera(other);
  RtmpPeer player(here.rtmp_port(), Role::play, "cam?token=a/b");
  CHECK(player.run_until([&] { return !player.sent_to.empty(); }));
  CHECK(player.sent_to == "rtmp://" + host(other.rtmp_port()) + "/live/cam?token=a/b");
  for (const std::string name : {"cam.flv", "cam.ts", "cam.m3u8", "cam.mpd"}) {
    const Answer answer = test::get(here.http_port(), "/live/" + name + "?token=1", 30s);
    INFO(answer.head << answer.body);
    CHECK(answer.status == 302);
    CHECK(has(answer.head, "Location: http://" + host(other.http_port()) + "/live/" + name + "?token=1"));
  }
  // What is here is played here, and what is nowhere is told at once.
  Camera local(here, "mine");
  RtmpPeer at_home(here.rtmp_port(), Role::play, "mine");
  CHECK(plays(at_home, local, 5));
  RtmpPeer lost(here.rtmp_port(), Role::play, "nowhere");
  CHECK(lost.wait_closed());
  CHECK(lost.sent_to.empty());
  CHECK(test::get(here.http_port(), "/live/nowhere.flv", 30s).status == 404);
  CHECK(test::get(here.http_port(), "/live/nowhere.m3u8", 30s).status == 404);
  CHECK(metric(here, "weir_cluster_players_total{told=\"redirected\"}") == "5");
}

TEST_CASE("coworkers that are dead, silent or talk nonsense are passed over", "[scenario][cluster]") {
  LiveServer other("min_latency on; cluster { advertise 127.0.0.1; }", with_api);
  Camera camera(other);
  HookServer silent(says(HookServer::hang)),
      nonsense(says("{\"code\":0,\"data\":{\"origin\":{\"ip\":\"a b\",\"port\":1}}}"));
  HookServer absent([](const HookServer::Call&) { return HookServer::ok("no", "404 Not Found"); });
  const auto at = [](const HookServer& server) { return server.url("").substr(7); };
  LiveServer here(
      origin_of("127.0.0.1:1 " + at(silent) + " " + at(nonsense) + " " + at(absent) + " " + host(other.http_port())),
      with_api);
  RtmpPeer player(here.rtmp_port(), Role::play, "cam");
  CHECK(player.run_until([&] { return !player.sent_to.empty(); }));
  CHECK(has(player.sent_to, host(other.rtmp_port())));
  // And where nobody else is left, that is told.
  here.reload(origin_of("127.0.0.1:1 " + at(silent) + " " + at(nonsense)), with_api);
  RtmpPeer lost(here.rtmp_port(), Role::play, "other");
  CHECK(lost.wait_closed());
  CHECK(lost.sent_to.empty());
  CHECK(metric(here, "weir_coworkers_failed_total{why=\"malformed\"}") >= "1");
}

TEST_CASE("nobody is sent to the server that he came to", "[scenario][cluster]") {
  std::string own;
  HookServer liar([&own](const HookServer::Call&) {
    return HookServer::ok("{\"code\":0,\"data\":{\"origin\":{\"ip\":\"127.0.0.1\",\"port\":" + own + "}}}");
  });
  LiveServer here(origin_of(liar.url("").substr(7)), with_api);
  own = std::to_string(here.rtmp_port());
  RtmpPeer player(here.rtmp_port(), Role::play, "cam");
  CHECK(player.wait_closed());
  CHECK(player.sent_to.empty());
}

TEST_CASE("many players of a stream are one question", "[scenario][cluster]") {
  HookServer coworker(says("{\"code\":0,\"data\":{\"origin\":{\"ip\":\"127.0.0.1\",\"port\":1}}}"));
  LiveServer here(origin_of(coworker.url("").substr(7)),
                  "workers 1; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  std::vector<std::unique_ptr<RtmpPeer>> players;
  for (int i = 0; i < 20; ++i) players.push_back(std::make_unique<RtmpPeer>(here.rtmp_port(), Role::play, "cam"));
  for (const auto& player : players) {
    CHECK(player->run_until([&] { return !player->sent_to.empty(); }));
    CHECK(player->sent_to == "rtmp://127.0.0.1:1/live/cam");
  }
  CHECK(coworker.calls().size() < 10);  // one for each second
  REQUIRE_FALSE(coworker.calls().empty());
  CHECK(
      has(coworker.calls().front().target, "/api/v1/clusters?vhost=__defaultVhost__&app=live&stream=cam&ip=127.0.0.1"));
}

TEST_CASE("an edge goes where its origin sends it", "[scenario][cluster][edge]") {
  LiveServer other("min_latency on; cluster { advertise 127.0.0.1; }", with_api);
  LiveServer first(origin_of(host(other.http_port())), with_api);
  const bool flv = GENERATE(false, true);
  LiveServer edge("min_latency on; cluster { mode remote; protocol " + std::string(flv ? "flv" : "rtmp") + "; origin " +
                      host(flv ? first.http_port() : first.rtmp_port()) + "; }",
                  with_api);
  Camera camera(other);
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 10));
  RtmpPeer lost(edge.rtmp_port(), Role::play, "nowhere");
  CHECK(lost.wait_closed());
}

TEST_CASE("edges that fetch from one another do not go on in a circle", "[scenario][cluster][edge]") {
  const std::string protocol = GENERATE(as<std::string>{}, "rtmp", "flv");
  const auto edge_at = [&](std::uint16_t port) {
    return "min_latency on; cluster { mode remote; protocol " + protocol + "; origin " + host(port) + "; }";
  };
  LiveServer one(edge_at(1), with_api);
  LiveServer two(edge_at(protocol == "flv" ? one.http_port() : one.rtmp_port()), with_api);
  one.reload(edge_at(protocol == "flv" ? two.http_port() : two.rtmp_port()), with_api);
  RtmpPeer player(one.rtmp_port(), Role::play, "cam");
  CHECK(player.wait_closed());
  CHECK(test::get(two.http_port(), "/live/other.flv", 30s).status == 503);
  CHECK(test::soon([&] { return test::rows(one, "sources").empty() && test::rows(two, "sources").empty(); }));
  CHECK(metric(one, "weir_cluster_loops_total") >= "1");
  // An edge of itself is the shortest circle.
  one.reload(edge_at(protocol == "flv" ? one.http_port() : one.rtmp_port()), with_api);
  RtmpPeer again(one.rtmp_port(), Role::play, "cam");
  CHECK(again.wait_closed());
}

TEST_CASE("an origin judges the clients of an edge", "[scenario][cluster][edge]") {
  HookServer judge([](const HookServer::Call& call) {
    return HookServer::ok(has(call.body, "token=bad") || has(call.body, "\"tcUrl\":\"http") ? "1" : "0");
  });
  LiveServer origin("min_latency on; http_hooks { enabled on; on_connect " + judge.url() + "; }", with_api);
  const auto edge_of = [](const std::string& origins) {
    return "min_latency on; cluster { mode remote; token_traverse on; origin " + origins + "; } " +
           "hls { enabled on; hls_fragment 1; hls_to_disk off; }";
  };
  LiveServer edge(edge_of("127.0.0.1:1 " + host(origin.rtmp_port())), with_api);
  Camera camera(origin, "cam");
  RtmpPeer good(edge.rtmp_port(), Role::play, "cam", "live?token=good"),
      bad(edge.rtmp_port(), Role::play, "cam", "live?token=bad");
  CHECK(bad.wait_closed());
  CHECK(good.wait_playing());
  RtmpPeer publisher(edge.rtmp_port(), Role::publish, "other", "live?token=bad");
  CHECK(publisher.wait_closed());
  CHECK(test::get(edge.http_port(), "/live/cam.m3u8", 30s).status == 403);
  CHECK(metric(edge, "weir_token_traverse_total{verdict=\"passed\"}") == "1");
  // Where no origin can be asked nobody comes in.
  edge.reload(edge_of("127.0.0.1:1"), with_api);
  RtmpPeer unjudged(edge.rtmp_port(), Role::play, "cam", "live?token=good");
  CHECK(unjudged.wait_closed());
  CHECK(metric(edge, "weir_token_traverse_total{verdict=\"unreachable\"}") == "1");
}

}  // namespace weir::test::cluster_test
