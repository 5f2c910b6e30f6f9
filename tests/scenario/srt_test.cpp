#include <nlohmann/json.hpp>

#include "scenario/support/hls_client.h"
#include "scenario/support/hook_server.h"
#include "scenario/support/rtmp_peer.h"
#include "scenario/support/srt_server.h"
#include "support/catch.h"
#include "support/soon.h"
#include "support/two_programs.h"

namespace weir::test::srt_test {

// The whole server, and libsrt's own callers.
using namespace std::chrono_literals;
using media::TrackId;
using rtmp::Role;
using test::play_id;
using test::publish_id;
using test::RtmpPeer;
using test::SrtPeer;
using test::SrtPlayer;
using test::SrtServer;

namespace {

const test::ByteVector& clip() {
  static const test::ByteVector file = test::test_file("ts/h264_aac.ts");
  return file;
}

std::vector<rtmp::MediaReceived> pictures_of(const RtmpPeer& peer) {
  std::vector<rtmp::MediaReceived> out;
  for (const auto& message : peer.media) {
    if (message.type == rtmp::MessageType::video && message.payload.data()[1] == 1) out.push_back(message);
  }
  return out;
}

// Once there are so many.
nlohmann::json clients(SrtServer& server, std::size_t count) {
  nlohmann::json listed;
  test::soon([&] {
    listed = nlohmann::json::parse(test::get(server.live().http_port(), "/api/v1/clients/").body)["clients"];
    return listed.size() == count;
  });
  return listed;
}

}  // namespace

TEST_CASE("what is pushed by SRT is played by RTMP and by SRT, frame for frame", "[scenario][srt]") {
  SrtServer server;
  RtmpPeer by_rtmp(server.live().rtmp_port(), Role::play, "cam");
  REQUIRE(by_rtmp.wait_playing());
  SrtPlayer by_srt(server.port(), play_id("cam"));
  REQUIRE(by_srt.peer.connected());
  SrtPeer publisher(server.port(), publish_id("cam"));
  REQUIRE(publisher.connected());
  REQUIRE(publisher.send_all(clip()));

  const auto listed = clients(server, 3);
  REQUIRE(listed.size() == 3);
  for (const auto& one : listed) {
    if (one["type"] == "rtmp-play") continue;
    CHECK((one["type"] == "srt-publish" || one["type"] == "srt-play"));
    CHECK(one["tcUrl"] == "srt://__defaultVhost__/live");
    CHECK(one["transport"]["rtt_ms"].is_number());
  }
  publisher.close();  // what it sent is still to be had

  const auto wanted = test::read_ts(clip());
  const auto video = wanted.of(TrackId::video);
  REQUIRE(by_rtmp.run_until([&] { return pictures_of(by_rtmp).size() >= video.size(); }));
  const auto got = pictures_of(by_rtmp);
  REQUIRE(got.size() == video.size());
  for (std::size_t i = 0; i < video.size(); ++i) {
    INFO(i);
    const base::Bytes body = got[i].payload.bytes().subspan(5);
    CHECK(base::as_text(body) == base::as_text(video[i]->payload.bytes()));
    CHECK(got[i].time_ms == base::to_millis(video[i]->dts - video[0]->dts));
  }

  REQUIRE(by_srt.wait_frames(wanted.frames.size() - 1));
  by_srt.finish();
  CHECK(by_srt.whole_packets);
  REQUIRE(by_srt.file.count(TrackId::video) == video.size());
  CHECK(by_srt.file.count(TrackId::audio) == wanted.count(TrackId::audio));
  const auto again = by_srt.file.of(TrackId::video);
  for (std::size_t i = 0; i < video.size(); ++i) {
    CHECK(base::as_text(again[i]->payload.bytes()) == base::as_text(video[i]->payload.bytes()));
    CHECK(again[i]->dts - again[0]->dts == video[i]->dts - video[0]->dts);
    CHECK(again[i]->composition == video[i]->composition);
  }
}

TEST_CASE("what is pushed by RTMP is played by SRT from a key frame on, with tables first", "[scenario][srt]") {
  SrtServer server;
  RtmpPeer publisher(server.live().rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  for (std::uint32_t i = 0; i < 30; ++i) publisher.send_frame(i * 40, i % 25 == 0, 4000);
  SrtPlayer player(server.port(), play_id("cam"));
  REQUIRE(player.peer.connected());
  for (std::uint32_t i = 30; i < 60; ++i) publisher.send_frame(i * 40, i % 25 == 0, 4000);
  REQUIRE(player.wait_frames(60));  // 30 and more pictures, and their sound
  REQUIRE(player.first.size() >= 2 * 188);
  CHECK(player.first[0] == 0x47);
  CHECK((player.first[1] & 0x1f) == 0);  // the PAT
  CHECK(player.first[2] == 0);
  CHECK(player.whole_packets);
  const auto video = player.file.of(TrackId::video);
  REQUIRE(video.size() > 10);
  CHECK(video[0]->key);
  for (std::size_t i = 1; i < video.size(); ++i) CHECK(video[i]->dts - video[i - 1]->dts == base::Ticks(3600));
}

TEST_CASE("a player waits for its publisher, stays when it leaves, and goes on with the next", "[scenario][srt]") {
  SrtServer server;
  SrtPlayer player(server.port(), play_id("cam"));
  REQUIRE(player.peer.connected());
  const auto count = test::read_ts(clip()).frames.size();
  for (std::size_t round = 1; round <= 2; ++round) {
    SrtPeer publisher(server.port(), publish_id("cam"));
    REQUIRE(publisher.connected());
    REQUIRE(publisher.send_all(clip()));
    publisher.close_when_sent();
    CHECK(player.wait_frames(count * round - 2));
    CHECK(clients(server, 1).size() == 1);  // it has left, and its name is free
  }
  CHECK(player.peer.alive());
}

TEST_CASE("hooks hear of SRT clients with a bare query, and are asked before they connect", "[scenario][srt]") {
  test::HookServer hooks([](const test::HookServer::Call& call) {
    const auto body = nlohmann::json::parse(call.body);
    return test::HookServer::ok(body.value("stream", "") == "no" ? "1" : "0");
  });
  std::string all;
  for (const std::string event : {"on_connect", "on_close", "on_publish", "on_unpublish", "on_play", "on_stop"}) {
    all += event + " " + hooks.url() + "; ";
  }
  SrtServer server("http_hooks { enabled on; " + all + "}");
  {
    SrtPeer publisher(server.port(), "#!::r=live/yes,m=publish,token=abc");
    REQUIRE(publisher.connected());
    REQUIRE(hooks.wait_calls(2));
    SrtPeer refused(server.port(), publish_id("no"));
    CHECK(refused.wait_closed());
  }
  REQUIRE(hooks.wait_calls(6));
  CHECK(hooks.count("on_connect") == 2);
  CHECK(hooks.count("on_publish") == 1);
  CHECK(hooks.count("on_unpublish") == 1);
  CHECK(hooks.count("on_close") == 2);
  const auto first = nlohmann::json::parse(hooks.calls().front().body);
  CHECK(first["action"] == "on_connect");
  CHECK(first["param"] == "token=abc");
}

TEST_CASE("every key length is spoken, by the virtual host's own passphrase too", "[scenario][srt]") {
  for (const int bytes : {16, 24, 32}) {
    SrtServer server("", "passphrase 0123456789; pbkeylen " + std::to_string(bytes) + ";");
    SrtPlayer player(server.port(), play_id("cam"), {.passphrase = "0123456789", .key_bytes = bytes});
    REQUIRE(player.peer.connected());
    SrtPeer publisher(server.port(), publish_id("cam"), {.passphrase = "0123456789", .key_bytes = bytes});
    REQUIRE(publisher.connected());
    REQUIRE(publisher.send_all(clip()));
    CHECK(player.wait_frames(20));
    CHECK(SrtPeer(server.port(), play_id("cam"), {.passphrase = "9876543210"}).reject() == SRT_REJ_BADSECRET);
    CHECK(SrtPeer(server.port(), play_id("cam")).reject() == SRT_REJ_UNSECURE);
  }
  SrtServer own("} vhost own.net { srt { enabled on; passphrase its-own-passphrase; }", "passphrase 0123456789;");
  const std::string id = "#!::h=own.net,r=live/cam,m=request";
  CHECK(SrtPeer(own.port(), id, {.passphrase = "its-own-passphrase"}).connected());
  CHECK(SrtPeer(own.port(), id, {.passphrase = "0123456789"}).reject() == SRT_REJ_BADSECRET);
  CHECK(SrtPeer(own.port(), play_id("cam"), {.passphrase = "0123456789"}).connected());
}

TEST_CASE("of several programs a caller's stream id chooses one", "[scenario][srt]") {
  SrtServer server;
  SrtPlayer player(server.port(), play_id("cam"));
  REQUIRE(player.peer.connected());
  SrtPeer publisher(server.port(), publish_id("cam") + ",program=2");
  REQUIRE(publisher.connected());
  REQUIRE(publisher.send_all(test::two_programs(clip(), test::test_file("ts/hevc_opus.ts"))));
  REQUIRE(player.wait_frames(10));
  REQUIRE_FALSE(player.file.tracks.empty());
  CHECK(player.file.tracks[0].parameters->codec == media::Codec::hevc);
}

TEST_CASE("a reload opens and closes the port, and changes what is let in", "[scenario][srt]") {
  SrtServer server;
  SrtPeer before(server.port(), play_id("cam"));
  REQUIRE(before.connected());
  const std::string vhost = "min_latency on; srt { enabled on; }";
  server.live().reload(vhost, server.root_of("passphrase 0123456789;"));
  CHECK(SrtPeer(server.port(), play_id("cam")).reject() == SRT_REJ_UNSECURE);
  CHECK(SrtPeer(server.port(), play_id("cam"), {.passphrase = "0123456789"}).connected());
  const std::uint16_t other = test::free_port();
  server.live().reload(vhost, "workers 2; srt_server { enabled on; listen 127.0.0.1:" + std::to_string(other) + "; }");
  CHECK(SrtPeer(other, play_id("cam")).connected());
  CHECK(before.alive());  // who is there stays
  server.live().reload(vhost, "workers 2;");
  bool open = true;
  for (int i = 0; i < 5 && open; ++i) open = SrtPeer(other, play_id("cam")).connected();
  CHECK_FALSE(open);
}

}  // namespace weir::test::srt_test
