#include <atomic>
#include <thread>

#include "scenario/support/cluster_node.h"
#include "scenario/support/redis_server.h"
#include "support/catch.h"

namespace weir::test::own_streams_test {

// Streams that a server fetches itself are found by the other servers of a cluster as those of publishers are.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::plays;
using test::RedisServer;
using test::RtmpPeer;
using test::soon;

namespace {

std::string node(const RedisServer& redis) {
  return test::node_of("engine redis; address 127.0.0.1:" + std::to_string(redis.port()) + ";");
}
std::string fetching(const LiveServer& origin) {
  return "min_latency on; source live/cam { url http://127.0.0.1:" + std::to_string(origin.http_port()) +
         "/live/cam.flv; }";
}
bool has_it(const LiveServer& server) {
  const auto cluster = cluster_of(server);
  return cluster.contains("streams") && cluster["streams"].size() == 1;
}

}  // namespace

TEST_CASE("what one server fetches is played at another, and goes on from a third", "[scenario][registry]") {
  RedisServer redis;
  LiveServer origin("min_latency on;");
  Camera camera(origin);
  auto first = std::make_unique<LiveServer>(fetching(origin), node(redis));
  REQUIRE(soon([&] {
    camera.send(5);
    return has_it(*first);
  }));
  LiveServer second(fetching(origin), node(redis)), viewer("min_latency on;", node(redis));
  REQUIRE(soon([&] {
    camera.send(1);
    return cluster_of(viewer).value("connected", false) && test::rows(second, "streams").size() == 1;
  }));
  CHECK_FALSE(has_it(second));  // it has the stream, and the first one has its name
  RtmpPeer player(viewer.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 10));
  const auto sources = test::rows(viewer, "sources");
  REQUIRE(sources.size() == 1);
  CHECK(sources[0]["on_demand"] == true);
  CHECK(test::rows(viewer, "streams").size() == 1);
  CHECK_FALSE(has_it(viewer));  // what is fetched from another server is that one's

  first.reset();
  CHECK(soon([&] {
    camera.send(1);
    return has_it(second);
  }));
  CHECK(plays(player, camera, test::pictures(player) + 20));
  // A publisher who comes to a server of the cluster is refused as anywhere.
  RtmpPeer rival(viewer.rtmp_port(), Role::publish, "cam");
  CHECK(rival.wait_closed());
  CHECK_FALSE(rival.client.publishing());
}

}  // namespace weir::test::own_streams_test
