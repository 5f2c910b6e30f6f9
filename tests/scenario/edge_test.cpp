#include "base/text.h"
#include "scenario/support/camera.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"

namespace weir::test::edge_test {

// Streams that a server fetches: an edge on demand, an ingest without a program always.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::rows;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string edge_of(const std::string& origins, const std::string& more = "") {
  return "min_latency on; cluster { mode remote; origin " + origins + "; } " + more;
}

std::string at(const LiveServer& server) { return "127.0.0.1:" + std::to_string(server.rtmp_port()); }

}  // namespace

TEST_CASE("an edge fetches a stream once for all who play it", "[scenario][edge]") {
  LiveServer origin("min_latency on;", with_api);
  LiveServer edge(edge_of(at(origin), "hls { enabled on; hls_fragment 1; hls_to_disk off; hls_ctx off; }"), with_api);
  Camera camera(origin);
  RtmpPeer one(edge.rtmp_port(), Role::play, "cam"), other(edge.rtmp_port(), Role::play, "cam");
  REQUIRE(plays(one, camera, 20));
  REQUIRE(plays(other, camera, 20));
  CHECK_FALSE(test::playlist(edge, "/live/cam.m3u8", 0).empty());
  const auto sources = rows(edge, "sources");
  REQUIRE(sources.size() == 1);
  CHECK(sources[0]["state"] == "receiving");
  CHECK(sources[0]["on_demand"] == true);
  CHECK(sources[0]["source"] == "rtmp://" + at(origin) + "/live/cam");
  const json clients = json::parse(test::get(origin.http_port(), "/api/v1/clients/").body);
  CHECK(clients["clients"].size() == 2);  // the camera, and one for the whole edge
}

TEST_CASE("players of an edge without an origin are told at once", "[scenario][edge]") {
  LiveServer edge(edge_of("127.0.0.1:1 127.0.0.1:2"), with_api);
  const auto began = std::chrono::steady_clock::now();
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  CHECK(player.wait_closed());
  CHECK(std::chrono::steady_clock::now() - began < 5s);
  CHECK(rows(edge, "sources").empty());
  CHECK(test::get(edge.http_port(), "/metrics").body.find("weir_source_failed_starts_total 1\n") != std::string::npos);
  // And asked anew by the next one.
  RtmpPeer next(edge.rtmp_port(), Role::play, "cam");
  CHECK(next.wait_closed());
}

TEST_CASE("an edge asks the next origin where one fails", "[scenario][edge]") {
  LiveServer origin("min_latency on;");
  LiveServer edge(edge_of("127.0.0.1:1 " + at(origin)), with_api);
  Camera camera(origin);
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 10));
}

TEST_CASE("players of an edge stay while its origin is gone for a moment", "[scenario][edge]") {
  LiveServer edge(edge_of("127.0.0.1:1"), with_api);
  auto origin = std::make_unique<LiveServer>("min_latency on;");
  LiveServer other("min_latency on;");
  edge.reload(edge_of(at(*origin) + " " + at(other)), with_api);
  auto camera = std::make_unique<Camera>(*origin);
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  REQUIRE(plays(player, *camera, 10));
  origin->stop();
  origin.reset();
  Camera again(other);
  CHECK(plays(player, again, pictures(player) + 10));
  CHECK_FALSE(player.closed);
}

TEST_CASE("what is published at an edge goes to the origin, and is played at both", "[scenario][edge]") {
  LiveServer origin("min_latency on;");
  LiveServer edge(edge_of(at(origin)), with_api);
  Camera camera(edge);
  RtmpPeer there(origin.rtmp_port(), Role::play, "cam"), here(edge.rtmp_port(), Role::play, "cam");
  CHECK(plays(there, camera, 20));
  CHECK(plays(here, camera, 20));
  CHECK(rows(edge, "sources").empty());
  REQUIRE(rows(edge, "forwards").size() == 1);
  CHECK(rows(edge, "forwards")[0]["state"] == "sending");
}

TEST_CASE("hooks are not asked about what is fetched", "[scenario][edge]") {
  test::HookServer hooks;
  LiveServer origin("min_latency on;");
  LiveServer edge(edge_of(at(origin), "http_hooks { enabled on; on_publish " + hooks.url() + "; on_unpublish " +
                                          hooks.url() + "; }"),
                  with_api);
  Camera camera(origin);
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  REQUIRE(plays(player, camera, 10));
  edge.stop();
  CHECK(hooks.calls().empty());
}

TEST_CASE("an ingest without a program is always there, under its own name", "[scenario][edge]") {
  LiveServer origin("min_latency on;");
  const std::string ingest = "min_latency on; ingest one { enabled on; input { type stream; url rtmp://" + at(origin) +
                             "/live/cam?token=s3cret; } engine { output rtmp://127.0.0.1:[port]/other/copy; } }";
  LiveServer server(ingest, with_api);
  REQUIRE(test::soon([&] { return rows(server, "sources").size() == 1; }));
  CHECK(rows(server, "sources")[0]["on_demand"] == false);
  CHECK(rows(server, "sources")[0]["source"].get<std::string>().ends_with("/live/***"));
  Camera camera(origin);
  RtmpPeer player(server.rtmp_port(), Role::play, "copy", "other");
  CHECK(plays(player, camera, 10));
  server.reload("min_latency on;", with_api);
  CHECK(test::soon([&] { return rows(server, "sources").empty(); }));
}

TEST_CASE("a server stops in the middle of each step of a start", "[scenario][edge]") {
  test::HookServer silent([](const test::HookServer::Call&) { return std::string(test::HookServer::hang); });
  const std::string url = silent.url("");
  const std::string target = GENERATE(as<std::string>{}, "127.0.0.1:1", "silent", "192.0.2.1:1935");
  LiveServer edge(edge_of(target == "silent" ? "127.0.0.1:" + url.substr(url.rfind(':') + 1) : target), with_api);
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  player.run_until([&] { return player.closed; }, 200ms);
  const auto began = std::chrono::steady_clock::now();
  edge.stop();
  CHECK(std::chrono::steady_clock::now() - began < 20s);
}

}  // namespace weir::test::edge_test
