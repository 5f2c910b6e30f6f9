#include "scenario/support/cluster_node.h"
#include "scenario/support/etcd_server.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"

namespace weir::test::etcd_nodes_test {

// Servers that find one another's streams in etcd.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Camera;
using test::EtcdServer;
using test::LiveServer;
using test::plays;
using test::RtmpPeer;
using test::soon;

namespace {

constexpr const char* plain = "min_latency on; hls { enabled on; hls_fragment 1; hls_to_disk off; }";

std::string node_at(std::uint16_t port, const std::string& more = "") {
  return test::node_of("engine etcd; address 127.0.0.1:" + std::to_string(port) + ";", more);
}
std::string node(const EtcdServer& etcd, const std::string& more = "") { return node_at(etcd.port(), more); }

}  // namespace

TEST_CASE("what is published at one server is found in etcd and played at another", "[scenario][registry][etcd]") {
  EtcdServer etcd;
  LiveServer a(plain, node(etcd)), b(plain, node(etcd));
  REQUIRE(sees(a, 2));
  REQUIRE(sees(b, 2));
  RtmpPeer early(b.rtmp_port(), Role::play, "cam");  // before anybody publishes it
  CHECK(early.wait_playing());
  auto camera = std::make_unique<Camera>(a);
  CHECK(plays(early, *camera, 10));
  RtmpPeer second(b.rtmp_port(), Role::publish, "cam");
  CHECK(second.wait_closed());
  CHECK_FALSE(second.client.publishing());
  CHECK(test::get(b.http_port(), "/live/nowhere.m3u8", 30s).status == 404);
  // When he has left the name is free.
  camera.reset();
  CHECK(soon([&] {
    RtmpPeer third(b.rtmp_port(), Role::publish, "cam");
    return third.run_until([&] { return third.client.publishing() || third.closed; }) && third.client.publishing();
  }));
}

TEST_CASE("a server that stops takes what it had out of etcd at once", "[scenario][registry][etcd]") {
  EtcdServer etcd;
  auto a = std::make_unique<LiveServer>(plain, node_at(etcd.port(), "ttl 600;"));
  LiveServer b(plain, node(etcd));
  REQUIRE(sees(b, 2));
  {
    Camera camera(*a);
    a->stop();
  }
  a.reset();
  REQUIRE(sees(b, 1));
  Camera camera(b);
  CHECK(camera.peer.client.publishing());
}

TEST_CASE("while etcd is gone what runs goes on, and all is claimed when it is back", "[scenario][registry][etcd]") {
  EtcdServer etcd;
  LiveServer a(plain, node(etcd)), b(plain, node(etcd));
  REQUIRE(sees(a, 2));
  REQUIRE(sees(b, 2));
  Camera camera(a);
  RtmpPeer player(b.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 5));
  const bool forgets = GENERATE(false, true);
  etcd.stop();
  CHECK(soon([&] { return !is_connected(a) && !is_connected(b); }));
  CHECK_FALSE(cluster_of(a).value("fault", "").empty());
  CHECK(plays(player, camera, test::pictures(player) + 5));
  Camera late(b, "late");
  CHECK(late.peer.client.publishing());
  forgets ? etcd.wipe() : etcd.start();
  REQUIRE(sees(a, 2));
  REQUIRE(sees(b, 2));
  RtmpPeer viewer(a.rtmp_port(), Role::play, "late");
  CHECK(plays(viewer, late, 5));
  CHECK(plays(player, camera, test::pictures(player) + 5));
}

TEST_CASE("an etcd that holds its connections and says nothing counts as gone", "[scenario][registry][etcd]") {
  EtcdServer etcd;
  LiveServer a(plain, node(etcd));
  REQUIRE(sees(a, 1));
  etcd.freeze();
  CHECK(soon([&] { return !is_connected(a); }));
  Camera camera(a);
  CHECK(camera.peer.client.publishing());
  etcd.thaw();
  CHECK(sees(a, 1));
}

TEST_CASE("what is no etcd is told of, and new publishers are refused where that is wanted",
          "[scenario][registry][etcd]") {
  struct Case {
    const char* what;
    std::string said;
  };
  const auto ok = [](const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  for (const Case& one :
       {Case{"a web page", ok("<html>")}, Case{"an empty object", ok("{}")}, Case{"no HTTP", "nonsense\r\n\r\n"},
        Case{"nothing", ""}, Case{"a lease, and no watch", ok(R"({"ID":"5","TTL":"2"})")}}) {
    INFO(one.what);
    HookServer fake([&](const HookServer::Call&) { return one.said; });
    const std::string url = fake.url("");
    LiveServer a(plain,
                 node_at(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))), "when_gone closed;"));
    CHECK(soon([&] { return !cluster_of(a).value("fault", "").empty(); }));
    CHECK_FALSE(is_connected(a));
    RtmpPeer publisher(a.rtmp_port(), Role::publish, "cam");
    CHECK(publisher.wait_closed());
    CHECK_FALSE(publisher.client.publishing());
  }
}

}  // namespace weir::test::etcd_nodes_test
