#include "scenario/support/camera.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"

namespace weir::test::drain_test {

// A server that an operator has emptied: newcomers go elsewhere, whoever is here stays.

using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer;
using test::Camera;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
std::string host(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

Answer ask(const LiveServer& server, const std::string& method) {
  return test::ask(server.http_port(),
                   method + " /api/v1/drain HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace

TEST_CASE("a server that drains keeps who is there and lets nobody in", "[scenario][cluster]") {
  LiveServer here("min_latency on; hls { enabled on; hls_fragment 1; hls_to_disk off; }", with_api);
  CHECK(test::get(here.http_port(), "/readyz").status == 200);
  Camera camera(here);
  RtmpPeer player(here.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 5));
  CHECK(test::soon([&] {
    camera.send(10);
    return test::get(here.http_port(), "/live/cam.m3u8").status == 200;
  }));

  const Answer begun = ask(here, "POST");
  CHECK(begun.status == 200);
  CHECK(has(begun.body, "\"draining\":true"));
  CHECK_FALSE(has(begun.body, "\"clients\":0"));
  const Answer ready = test::get(here.http_port(), "/readyz");
  CHECK(ready.status == 503);
  CHECK(has(ready.body, "\"reason\":\"draining\""));

  for (const std::string name : {"cam.flv", "cam.ts", "cam.m3u8", "nowhere.flv"}) {
    const Answer answer = test::get(here.http_port(), "/live/" + name, 30s);
    INFO(answer.head);
    CHECK(answer.status == 503);
    CHECK(has(answer.head, "Retry-After: "));
  }
  RtmpPeer newcomer(here.rtmp_port(), Role::play, "cam"), publisher(here.rtmp_port(), Role::publish, "other");
  CHECK(newcomer.wait_closed());
  CHECK(publisher.wait_closed());
  CHECK(plays(player, camera, pictures(player) + 10));  // who was there goes on

  const std::string metrics = test::get(here.http_port(), "/metrics").body;
  CHECK(has(metrics, "\nweir_draining 1\n"));
  CHECK(has(metrics, "\nweir_drained_total{action=\"play\",told=\"away\"} 5\n"));
  CHECK(has(metrics, "\nweir_drained_total{action=\"publish\",told=\"away\"} 1\n"));

  CHECK(has(ask(here, "DELETE").body, "\"draining\":false"));
  CHECK(test::get(here.http_port(), "/readyz").status == 200);
  RtmpPeer welcome(here.rtmp_port(), Role::play, "cam");
  CHECK(plays(welcome, camera, 5));
  CHECK(ask(here, "PUT").status == 405);
}

TEST_CASE("a server that drains sends players to the coworker that has the stream", "[scenario][cluster]") {
  LiveServer other("min_latency on; cluster { advertise 127.0.0.1; }", with_api);
  LiveServer here(
      "min_latency on; cluster { origin_cluster on; advertise 127.0.0.1; coworkers " + host(other.http_port()) + "; }",
      with_api);
  Camera there(other), camera(here);
  CHECK(ask(here, "POST").status == 200);
  RtmpPeer player(here.rtmp_port(), Role::play, "cam");
  CHECK(player.run_until([&] { return !player.sent_to.empty(); }));
  CHECK(player.sent_to == "rtmp://" + host(other.rtmp_port()) + "/live/cam");
  const Answer answer = test::get(here.http_port(), "/live/cam.flv", 30s);
  CHECK(answer.status == 302);
  CHECK(has(test::get(here.http_port(), "/metrics").body,
            "\nweir_drained_total{action=\"play\",told=\"elsewhere\"} 2\n"));
}

TEST_CASE("an edge still has the streams of an origin that drains", "[scenario][cluster][edge]") {
  LiveServer origin("min_latency on;", with_api);
  LiveServer edge("min_latency on; cluster { mode remote; origin " + host(origin.rtmp_port()) + "; }", with_api);
  Camera camera(origin);
  CHECK(ask(origin, "POST").status == 200);
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 10));
}

}  // namespace weir::test::drain_test
