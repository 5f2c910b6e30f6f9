#include "scenario/support/cluster_node.h"
#include "scenario/support/redis_server.h"
#include "support/catch.h"

namespace weir::test::nodes_test {

// Servers that find one another's streams in Redis.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer;
using test::Camera;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::RedisServer;
using test::RtmpPeer;
using test::soon;

namespace {

constexpr const char* plain = "min_latency on; hls { enabled on; hls_fragment 1; hls_to_disk off; }";

std::string node(const RedisServer& redis, const std::string& more = "") {
  return test::node_of("engine redis; address 127.0.0.1:" + std::to_string(redis.port()) + ";", more);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string name_of(const LiveServer& server) { return "127.0.0.1:" + std::to_string(server.rtmp_port()); }
std::string key(const std::string& stream) { return "__defaultVhost__/live/" + stream; }

}  // namespace

TEST_CASE("what is published at one server is played at another, by any protocol", "[scenario][registry]") {
  RedisServer redis;
  LiveServer a(plain, node(redis)), b(plain, node(redis));
  REQUIRE(sees(a, 2));
  REQUIRE(sees(b, 2));
  Camera camera(a);
  RtmpPeer player(b.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 10));
  CHECK(soon([&] {
    camera.send(10);
    return has(test::get(b.http_port(), "/live/cam.m3u8").body, "#EXTM3U");
  }));
  CHECK(test::get(b.http_port(), "/live/cam.flv", 500ms).status == 200);
  CHECK(test::rows(b, "sources").size() == 1);  // whoever plays
  // The other way round, at the same time.
  Camera back(b, "back");
  RtmpPeer viewer(a.rtmp_port(), Role::play, "back");
  CHECK(plays(viewer, back, 10));
  const auto cluster = cluster_of(a);
  REQUIRE(cluster["streams"].size() == 1);
  CHECK(cluster["streams"][0]["stream"] == key("cam"));
  CHECK(cluster["nodes"][0]["host"] == "127.0.0.1");
  CHECK(has(test::get(a.http_port(), "/metrics").body, "\nweir_registry_claims_total{result=\"granted\"} 1\n"));
  // What nobody has is nowhere, and asked for in vain.
  CHECK(test::get(b.http_port(), "/live/nowhere.m3u8", 30s).status == 404);
}

TEST_CASE("a player who waits has the stream when somebody publishes it elsewhere", "[scenario][registry]") {
  RedisServer redis;
  LiveServer a(plain, node(redis)), b(plain, node(redis));
  REQUIRE(sees(a, 2));
  RtmpPeer player(b.rtmp_port(), Role::play, "later");
  CHECK(player.wait_playing());
  Camera camera(a, "later");
  CHECK(plays(player, camera, 10));
}

TEST_CASE("of two publishers of one name the first stays", "[scenario][registry]") {
  RedisServer redis;
  LiveServer a(plain, node(redis)), b(plain, node(redis));
  REQUIRE(sees(a, 2));
  REQUIRE(sees(b, 2));
  auto first = std::make_unique<Camera>(a);
  RtmpPeer second(b.rtmp_port(), Role::publish, "cam");
  CHECK(second.wait_closed());
  CHECK_FALSE(second.client.publishing());
  // When he has left, the name is free.
  first.reset();
  CHECK(soon([&] {
    RtmpPeer third(b.rtmp_port(), Role::publish, "cam");
    return third.run_until([&] { return third.client.publishing() || third.closed; }) && third.client.publishing();
  }));
}

TEST_CASE("with takeover the later publisher has the stream, and players of the first go on", "[scenario][registry]") {
  RedisServer redis;
  LiveServer a(plain, node(redis, "takeover on;")), b(plain, node(redis, "takeover on;"));
  LiveServer edge(plain, node(redis));
  REQUIRE(sees(edge, 3));
  Camera first(a);
  RtmpPeer player(a.rtmp_port(), Role::play, "cam"), far(edge.rtmp_port(), Role::play, "cam");
  RtmpPeer near(b.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, first, 5));
  CHECK(plays(far, first, 5));
  CHECK(plays(near, first, 5));
  Camera second(b);
  CHECK(second.peer.client.publishing());
  CHECK(first.peer.wait_closed());
  const std::size_t before = pictures(far), here = pictures(player), home = pictures(near);
  CHECK(plays(far, second, before + 20));
  CHECK(plays(player, second, here + 20));
  CHECK(plays(near, second, home + 20));
  CHECK(cluster_of(a)["streams"].empty());
  CHECK(cluster_of(b)["streams"][0]["stream"] == key("cam"));
}

// As when it is asleep, or cut off from the registry alone: its connections are there.
TEST_CASE("players go on when another server has the stream, though the one it is fetched from has not let go of it",
          "[scenario][registry]") {
  RedisServer redis;
  LiveServer a(plain, node(redis)), edge(plain, node(redis)), other("min_latency on;");
  REQUIRE(sees(edge, 2));
  Camera first(a), second(other);
  RtmpPeer far(edge.rtmp_port(), Role::play, "cam");
  CHECK(plays(far, first, 5));
  const std::size_t before = pictures(far);
  const std::string keys = "weir:{weir}:",
                    record = "{\"name\":\"other\",\"instance\":\"x\",\"host\":\"127.0.0.1\",\"rtmp\":" +
                             std::to_string(other.rtmp_port()) + "}";
  CHECK(has(redis.ask("SET " + keys + "node:other 'x " + record + "'"), "OK"));
  CHECK(has(redis.ask("SET " + keys + "stream:" + key("cam") + " 'other x 99'"), "OK"));
  CHECK(soon([&] {
    first.send(1);
    second.send(1);
    far.run_until([&] { return far.closed; }, 10ms);
    const auto sources = test::rows(edge, "sources");
    return far.closed || (sources.size() == 1 && has(sources[0].dump(), ":" + std::to_string(other.rtmp_port()) + "/"));
  }));
  CHECK_FALSE(far.closed);
  CHECK(first.peer.client.publishing());
  CHECK(plays(far, second, before + 40));
}

TEST_CASE("players of a publisher who is cut off and comes back at another server go on", "[scenario][registry]") {
  RedisServer redis;
  LiveServer a(plain, node(redis)), b(plain, node(redis)), c(plain, node(redis));
  REQUIRE(sees(c, 3));
  auto first = std::make_unique<Camera>(a);
  RtmpPeer player(a.rtmp_port(), Role::play, "cam"), far(c.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, *first, 5));
  CHECK(plays(far, *first, 5));
  first.reset();
  std::unique_ptr<Camera> second;
  CHECK(soon([&] {  // his name is free a moment later
    second = std::make_unique<Camera>(b);
    return second->peer.client.publishing();
  }));
  const std::size_t before = pictures(far), here = pictures(player);
  CHECK(plays(far, *second, before + 20));
  CHECK(plays(player, *second, here + 20));
}

TEST_CASE("what runs goes on while the registry is gone, and newcomers are as was said", "[scenario][registry]") {
  RedisServer redis;
  LiveServer open(plain, node(redis)), closed(plain, node(redis, "when_gone closed;"));
  REQUIRE(sees(open, 2));
  REQUIRE(sees(closed, 2));
  Camera camera(open);
  RtmpPeer player(closed.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 5));

  const bool dies = GENERATE(true, false);  // or is silent
  dies ? redis.stop() : redis.freeze();
  CHECK(soon([&] { return !is_connected(open) && !is_connected(closed); }));
  CHECK(test::get(open.http_port(), "/readyz").status == 200);
  CHECK(plays(player, camera, pictures(player) + 10));
  Camera newcomer(open, "new");
  CHECK(newcomer.peer.client.publishing());
  RtmpPeer refused(closed.rtmp_port(), Role::publish, "refused");
  CHECK(refused.wait_closed());
  CHECK_FALSE(refused.client.publishing());
  CHECK(has(test::get(open.http_port(), "/metrics").body, "\nweir_registry_connected 0\n"));

  // It is back, and has forgotten all, or nothing.
  dies ? redis.start() : redis.thaw();
  REQUIRE(sees(open, 2));
  REQUIRE(sees(closed, 2));
  CHECK(plays(player, camera, pictures(player) + 10));
  RtmpPeer viewer(closed.rtmp_port(), Role::play, "new");
  CHECK(plays(viewer, newcomer, 10));
  RtmpPeer rival(closed.rtmp_port(), Role::publish, "cam");
  CHECK(rival.wait_closed());
}

TEST_CASE("a server that drains is shown so, and sends its viewers to the one that has the stream",
          "[scenario][registry]") {
  RedisServer redis;
  LiveServer a(plain, node(redis)), b(plain, node(redis));
  REQUIRE(sees(a, 2));
  REQUIRE(sees(b, 2));
  Camera camera(a);
  const auto drain = [](const LiveServer& server) {
    return test::ask(server.http_port(), "POST /api/v1/drain HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  };
  CHECK(drain(b).status == 200);
  const Answer sent = test::get(b.http_port(), "/live/cam.flv", 30s);
  CHECK(sent.status == 302);
  CHECK(has(sent.head, "Location: http://127.0.0.1:" + std::to_string(a.http_port()) + "/live/cam.flv"));
  CHECK(soon([&] {
    const auto cluster = cluster_of(a);
    for (const auto& one : cluster["nodes"]) {
      if (one["name"] == name_of(b)) return one["draining"] == true;
    }
    return false;
  }));
  // Its own streams are still fetched by the others.
  CHECK(drain(a).status == 200);
  LiveServer c(plain, node(redis));
  CHECK(soon([&] { return is_connected(c); }));
  RtmpPeer late(c.rtmp_port(), Role::play, "cam");
  CHECK(plays(late, camera, 10));
}

TEST_CASE("a registry that refuses lets the server serve as if it were alone", "[scenario][registry]") {
  RedisServer redis;
  CHECK(has(redis.ask("CONFIG SET requirepass other"), "OK"));
  LiveServer here(plain, node(redis, "password wrong;"));
  CHECK(soon([&] { return has(cluster_of(here).value("fault", ""), "WRONGPASS"); }));
  Camera camera(here);
  RtmpPeer player(here.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 5));
}

TEST_CASE("a viewer is told which server to go to, and none that drains", "[scenario][registry]") {
  RedisServer redis;
  LiveServer a(plain, node(redis, "region north;")), b(plain, node(redis, "region south;"));
  REQUIRE(sees(a, 2));
  REQUIRE(sees(b, 2));
  const auto balance = [&](const std::string& query) {
    return test::get(a.http_port(), "/api/v1/balance?stream=live/cam&" + query, 30s);
  };
  const auto place = [](const LiveServer& server) { return "http://127.0.0.1:" + std::to_string(server.http_port()); };
  CHECK(has(balance("region=south&proto=flv&token=1").head, "Location: " + place(b) + "/live/cam.flv?token=1"));
  CHECK(has(balance("region=north&proto=hls").head, "Location: " + place(a) + "/live/cam.m3u8"));
  CHECK(balance("region=south&proto=rtmp&as=text").body == "rtmp://" + name_of(b) + "/live/cam\n");
  CHECK(has(balance("region=south&as=json").body, "\"node\":\"" + name_of(b) + "\""));
  CHECK(balance("proto=carrier-pigeon").status == 400);
  CHECK(test::get(a.http_port(), "/api/v1/balance?stream=cam").status == 400);
  CHECK(
      test::ask(b.http_port(), "POST /api/v1/drain HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").status ==
      200);
  CHECK(soon([&] { return has(balance("region=south&as=json").body, "\"node\":\"" + name_of(a) + "\""); }));
  // Publishers of RTMP go there too.
  RtmpPeer publisher(b.rtmp_port(), Role::publish, "new");
  CHECK(publisher.run_until([&] { return !publisher.sent_to.empty(); }));
  CHECK(publisher.sent_to == "rtmp://" + name_of(a) + "/live/new");
}

TEST_CASE("Redis is spoken to over TLS, and not where nobody vouches for it", "[scenario][registry]") {
  const test::Certificate certificate("localhost");
  RedisServer redis(certificate);
  LiveServer here(plain, node(redis, "tls on; ca_file " + certificate.certificate() + ";"));
  LiveServer careful(plain, node(redis, "tls on;"));
  CHECK(soon([&] { return is_connected(here); }));
  CHECK(soon([&] { return has(cluster_of(careful).value("fault", ""), "certificate"); }));
  CHECK_FALSE(is_connected(careful));
}

}  // namespace weir::test::nodes_test
