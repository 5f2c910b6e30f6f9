#include <algorithm>

#include "base/text.h"
#include "scenario/support/camera.h"
#include "scenario/support/srt_server.h"
#include "support/catch.h"

namespace weir::test::srt_relay_test {

// Streams that go to another server by SRT, or come from one.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::pictures;
using test::plays;
using test::rows;
using test::RtmpPeer;
using test::SrtPeer;
using test::SrtServer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string place(std::uint16_t port, const std::string& more = "", const std::string& host = "127.0.0.1") {
  return "srt://" + host + ":" + std::to_string(port) + (more.empty() ? "" : "?" + more);
}
std::string forward_to(const std::string& url, const std::string& more = "") {
  return "min_latency on; publish { grace 0; } forward { enabled on; destination " + url + "; } " + more;
}
std::string ingest_of(const std::string& url, const std::string& more = "") {
  return "min_latency on; ingest cam { enabled on; input { type stream; url " + url + "; } } " + more;
}

// Meanwhile the camera goes on: who publishes and says nothing is ended.
bool wait_state(const LiveServer& server, const std::string& list, const std::string& state, Camera* camera = nullptr) {
  return test::soon([&] {
    if (camera) camera->send(1);
    const auto all = rows(server, list);
    return all.size() == 1 && all[0]["state"] == state;
  });
}

std::size_t sound_and_pictures(const test::ByteVector& file) { return test::read_ts(file).frames.size(); }

}  // namespace

TEST_CASE("a stream is sent on by SRT, and ends where it was sent to", "[scenario][srt][forward]") {
  SrtServer far("publish { grace 0; }");
  LiveServer near(forward_to(place(far.port(), "latency=40")), with_api);
  RtmpPeer player(far.live().rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  {
    Camera camera(near);
    REQUIRE(plays(player, camera, 30));
    REQUIRE(wait_state(near, "forwards", "sending"));
    const json row = rows(near, "forwards")[0];
    CHECK(row["target"] == place(far.port()));
    CHECK(row["error"] == "");
    CHECK(row["attempts"] == 1);
    CHECK(row["send_bytes"].get<std::uint64_t>() > 5000);
    const json clients = json::parse(test::get(far.live().http_port(), "/api/v1/clients/").body)["clients"];
    CHECK(std::any_of(clients.begin(), clients.end(), [](const json& one) { return one["type"] == "srt-publish"; }));
    camera.peer.client.close();
    camera.peer.flush();
    CHECK(test::soon([&] { return rows(near, "forwards").empty(); }));
  }
  CHECK(test::soon([&] {
    const auto streams = rows(far.live(), "streams");
    return streams.empty() || !streams[0]["publish"]["active"];
  }));
  Camera again(near);
  CHECK(plays(player, again, pictures(player) + 10));
}

TEST_CASE("an SRT target that refuses is asked again until it takes the stream", "[scenario][srt][forward]") {
  SrtServer far("publish { grace 0; }", "passphrase 0123456789;");
  LiveServer near(forward_to(place(far.port(), "latency=40&passphrase=0123456789&streamid=#!::r=live/there,m=publish")),
                  with_api);
  auto other =
      std::make_unique<SrtPeer>(far.port(), test::publish_id("there"), SrtPeer::Options{.passphrase = "0123456789"});
  REQUIRE(other->connected());
  Camera camera(near);
  REQUIRE(wait_state(near, "forwards", "waiting", &camera));
  const std::string shown = test::get(near.http_port(), "/api/v1/forwards/").body;
  CHECK(shown.find("1409, somebody publishes this stream already") != std::string::npos);
  CHECK(shown.find("0123456789") == std::string::npos);
  other.reset();
  CHECK(wait_state(near, "forwards", "sending", &camera));
  near.reload(forward_to(place(far.port(), "latency=40&passphrase=9876543210")), with_api);
  CHECK(test::soon([&] {
    camera.send(1);
    const auto all = rows(near, "forwards");
    return all.size() == 1 && all[0]["error"].get<std::string>().find("rejected") != std::string::npos;
  }));
  near.reload("min_latency on;", with_api);
  CHECK(test::soon([&] { return rows(near, "forwards").empty(); }));
}

TEST_CASE("a stream that goes on by SRT does not run in a circle", "[scenario][srt][forward]") {
  SECTION("to its own server") {
    const std::uint16_t port = test::free_port();
    LiveServer near(forward_to(place(port, "streamid=#!::r=other/x,m=publish"), "srt { enabled on; }"),
                    std::string(with_api) + " srt_server { enabled on; listen " + std::to_string(port) + "; }");
    Camera camera(near);
    REQUIRE(wait_state(near, "forwards", "given_up", &camera));
    CHECK(rows(near, "forwards")[0]["error"] == "a loop: the stream would come back to this server");
  }
  SECTION("through another one") {
    SrtServer far;
    LiveServer near(forward_to(place(far.port(), "latency=40&streamid=#!::r=first/[stream],m=publish")), with_api);
    far.live().reload("min_latency on; srt { enabled on; } forward { enabled on; destination 127.0.0.1:" +
                          std::to_string(near.rtmp_port()) + "/second; }",
                      far.root_of(""));
    Camera camera(near);
    RtmpPeer player(near.rtmp_port(), Role::play, "cam", "second");
    // near live/cam -> far first/cam -> near second/cam, and no further.
    CHECK(plays(player, camera, 3));
    CHECK(test::soon([&] {
      camera.send(1);
      const auto all = rows(near, "forwards");
      return all.size() == 2 && std::any_of(all.begin(), all.end(), [](const json& one) {  // in any order
               return one["app"] == "second" && one["state"] == "given_up";
             });
    }));
  }
}

TEST_CASE("an ingest fetches a stream by SRT, always", "[scenario][srt][edge]") {
  SrtServer origin("publish { grace 0; }", "passphrase 0123456789; pbkeylen 32;");
  LiveServer near(
      ingest_of(place(origin.port(), "latency=40&passphrase=0123456789&streamid=" + test::play_id("there"))), with_api);
  RtmpPeer player(near.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  auto camera = std::make_unique<Camera>(origin.live(), "there");
  REQUIRE(plays(player, *camera, 20));
  REQUIRE(wait_state(near, "sources", "receiving"));
  const json row = rows(near, "sources")[0];
  CHECK(row["source"] == place(origin.port()));
  CHECK(row["stream"] == "cam");
  CHECK(row["on_demand"] == false);
  CHECK(test::get(near.http_port(), "/metrics").body.find("weir_sources{state=\"receiving\"} 1\n") !=
        std::string::npos);
  // Another place for the same stream, and a wrong secret.
  near.reload(ingest_of(place(origin.port(), "latency=40&passphrase=9876543210")), with_api);
  REQUIRE(test::soon([&] {
    const auto all = rows(near, "sources");
    return all.size() == 1 && all[0]["error"].get<std::string>().find("rejected") != std::string::npos;
  }));
  CHECK(test::get(near.http_port(), "/api/v1/sources/").body.find("9876543210") == std::string::npos);
  near.reload("min_latency on;", with_api);
  CHECK(test::soon([&] { return rows(near, "sources").empty(); }));
}

TEST_CASE("an edge fetches by SRT what is asked for, and tells players of failure", "[scenario][srt][edge]") {
  SrtServer origin;
  const auto edge_of = [](const std::string& origins) {
    return "min_latency on; cluster { mode remote; origin " + origins + "; }";
  };
  LiveServer edge(edge_of(place(1, "conntimeo=300") + " " + place(origin.port(), "latency=40")), with_api);
  Camera camera(origin.live());
  RtmpPeer player(edge.rtmp_port(), Role::play, "cam");
  CHECK(plays(player, camera, 20));
  const auto sources = rows(edge, "sources");
  REQUIRE(sources.size() == 1);
  CHECK(sources[0]["on_demand"] == true);
  // What is published at the edge goes there by SRT too.
  Camera here(edge, "mine");
  RtmpPeer there(origin.live().rtmp_port(), Role::play, "mine");
  CHECK(plays(there, here, 5));
  edge.reload(edge_of(place(1, "conntimeo=300")), with_api);
  RtmpPeer told(edge.rtmp_port(), Role::play, "other");
  CHECK(told.wait_closed());
}

TEST_CASE("two servers meet half-way, by rendezvous", "[scenario][srt][forward]") {
  const std::uint16_t port = test::free_port();
  const std::string key = "&latency=40&passphrase=0123456789";
  LiveServer one(forward_to(place(port, "mode=rendezvous&adapter=127.0.0.2" + key, "127.0.0.3")), with_api);
  LiveServer other(ingest_of(place(port, "mode=rendezvous&adapter=127.0.0.3" + key, "127.0.0.2")), with_api);
  RtmpPeer player(other.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  {
    Camera camera(one);
    CHECK(plays(player, camera, 20));
    camera.peer.client.close();
    camera.peer.flush();
    CHECK(test::soon([&] { return rows(one, "forwards").empty(); }));
  }
  const std::size_t before = pictures(player);
  Camera again(one);
  CHECK(plays(player, again, before + 10));
}

TEST_CASE("a source may be called: it takes one caller, and the next after it", "[scenario][srt][edge]") {
  const std::uint16_t port = test::free_port();
  LiveServer near(ingest_of("srt://127.0.0.1:" + std::to_string(port) + "?mode=listener&latency=40"), with_api);
  RtmpPeer player(near.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  const auto clip = test::test_file("ts/h264_aac.ts");
  for (std::size_t round = 1; round <= 2; ++round) {
    const auto before = player.media.size();
    std::unique_ptr<SrtPeer> caller;
    REQUIRE(test::soon([&] {
      caller = std::make_unique<SrtPeer>(port, "");
      return caller->connected();
    }));
    REQUIRE(caller->send_all(clip));
    caller->close_when_sent();
    CHECK(player.run_until([&] { return player.media.size() >= before + sound_and_pictures(clip) / 2; }));
    CHECK(test::soon([&] {
      const auto all = rows(near, "sources");
      return all.size() == 1 && all[0]["state"] != "receiving";
    }));
  }
}

TEST_CASE("a server stops in the middle of each step of a call by SRT", "[scenario][srt][forward]") {
  const std::uint16_t port = test::free_port();
  const std::string target =
      GENERATE(as<std::string>{}, "srt://127.0.0.1:1?conntimeo=60000", "srt://192.0.2.1:9000",
               "srt://127.0.0.1:{PORT}?mode=listener", "srt://127.0.0.3:{PORT}?mode=rendezvous&adapter=127.0.0.2");
  LiveServer near(forward_to(base::replace_all(target, "{PORT}", std::to_string(port))), with_api);
  Camera camera(near);
  REQUIRE(test::soon([&] { return rows(near, "forwards").size() == 1; }));
  const auto began = std::chrono::steady_clock::now();
  near.stop();
  CHECK(std::chrono::steady_clock::now() - began < 20s);
}

}  // namespace weir::test::srt_relay_test
