#include <algorithm>

#include "scenario/support/camera.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"

namespace weir::test::edge_failover_test {

// Edges of several origins, of which some are gone, silent or refuse.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Camera;
using test::HookServer;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::rows;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string at(const LiveServer& server) { return "127.0.0.1:" + std::to_string(server.rtmp_port()); }
std::string edge_of(const std::string& origins) {
  return "min_latency on; cluster { mode remote; linger 1; origin " + origins + "; }";
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("an edge finds the origin that has the stream, and asks it first from then on", "[scenario][edge]") {
  LiveServer empty("min_latency on;", with_api), full("min_latency on;", with_api);
  LiveServer edge(edge_of(at(empty) + " " + at(full)), with_api);
  Camera camera(full);
  {
    RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
    REQUIRE(plays(player, camera, 5));
  }
  REQUIRE(test::soon([&] { return rows(edge, "sources").empty(); }));
  RtmpPeer again(edge.rtmp_port(), Role::play, "cam");
  REQUIRE(plays(again, camera, 5));
  REQUIRE(rows(edge, "sources").size() == 1);
  CHECK(rows(edge, "sources")[0]["failures"] == 0);
}

TEST_CASE("what is published at an edge goes to the origin that takes it", "[scenario][edge]") {
  HookServer no([](const HookServer::Call&) { return HookServer::ok("1"); });
  HookServer yes;
  LiveServer refuses("min_latency on; http_hooks { enabled on; on_publish " + no.url() + "; }");
  LiveServer takes("min_latency on; http_hooks { enabled on; on_publish " + yes.url() + "; }");
  LiveServer edge(edge_of("127.0.0.1:1 " + at(refuses) + " " + at(takes)), with_api);
  Camera camera(edge, "cam?token=1");
  RtmpPeer there(takes.rtmp_port(), Role::play, "cam");
  CHECK(plays(there, camera, 10));
  REQUIRE(yes.wait_calls(1));
  CHECK(has(yes.calls().front().body, "\"param\":\"?token=1\""));
  CHECK_FALSE(camera.peer.closed);
}

TEST_CASE("a publisher at an edge goes on while its origin changes, and is told when none is left",
          "[scenario][edge]") {
  auto first = std::make_unique<LiveServer>("min_latency on;"),
       second = std::make_unique<LiveServer>("min_latency on;");
  LiveServer edge(edge_of(at(*first) + " " + at(*second)), with_api);
  Camera camera(edge);
  {
    RtmpPeer there(first->rtmp_port(), Role::play, "cam");
    REQUIRE(plays(there, camera, 10));
  }
  first->stop();
  first.reset();
  RtmpPeer there(second->rtmp_port(), Role::play, "cam");
  REQUIRE(plays(there, camera, 10));
  CHECK_FALSE(camera.peer.closed);
  second->stop();
  second.reset();
  CHECK(test::soon([&] {
    camera.send(1);
    camera.peer.run_until([&] { return camera.peer.closed; }, 10ms);
    return camera.peer.closed;
  }));
}

TEST_CASE("who publishes at an edge what players wait for there is heard by them", "[scenario][edge]") {
  LiveServer origin("min_latency on;");
  LiveServer edge(edge_of(at(origin)), with_api);
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  REQUIRE(test::soon([&] { return rows(edge, "sources").size() == 1; }));
  Camera camera(edge);
  CHECK(plays(player, camera, 10));
  RtmpPeer there(origin.rtmp_port(), Role::play, "cam");
  CHECK(plays(there, camera, 10));
  CHECK_FALSE(camera.peer.closed);
}

TEST_CASE("an origin that falls silent is left long before a publisher would be given up", "[scenario][edge]") {
  // Its own publisher may be silent for a minute.
  const std::string patient = "min_latency on; publish { normal_timeout 60000; firstpkt_timeout 60000; }";
  LiveServer first(patient, with_api), second(patient, with_api);
  LiveServer edge(edge_of(at(first) + " " + at(second)) + " publish { normal_timeout 60000; firstpkt_timeout 60000; }",
                  with_api);
  Camera silent(first), other(second);
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  REQUIRE(plays(player, silent, 15));
  // Frames of the other one are of another length.
  const auto larger = [&] {
    return std::count_if(player.media.begin(), player.media.end(),
                         [](const auto& message) { return message.payload.size() > 1000; });
  };
  CHECK(test::soon([&] {
    other.peer.send_frame(static_cast<std::uint32_t>(other.next) * 40, other.next % 10 == 0, 1500);
    ++other.next;
    player.run_until([&] { return larger() > 5; }, 10ms);
    return larger() > 5;
  }));
  CHECK_FALSE(player.closed);
}

}  // namespace weir::test::edge_failover_test
