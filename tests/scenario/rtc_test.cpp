#include "scenario/support/rtc_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::rtc_test {

// What offers of WebRTC are answered with.
using rtmp::MessageType;
using rtmp::Role;
using test::RtcServer;
using test::RtmpPeer;
using test::operator+;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string field_of(const std::string& answer, const std::string& name) {
  const auto at = answer.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

// H.264 and AAC.
void publish(RtmpPeer& peer) {
  const auto header = test::bytes(
      "17 00 000000 01 42c01e ff e1 0019 6742c01eda0280bfe5c0440000030004000003 00f03c58ba80 01 0004 68ce3c80");
  peer.client.send(MessageType::video, 0, header);
  peer.client.send(MessageType::audio, 0, test::bytes("af 00 1190"));
  for (std::uint32_t at = 0; at < 400; at += 40) {
    peer.client.send(
        MessageType::video, at,
        test::bytes(at == 0 ? "17 01 000000 00000020 65" : "27 01 000000 00000020 41") + test::repeat(0x55, 31));
    peer.client.send(MessageType::audio, at, test::bytes("af 01 21 10 04 60 8c 1c"));
  }
  peer.flush();
}

// Once the stream has both of its tracks.
bool shows(const RtcServer& server) {
  return test::soon([&] {
    const std::string streams = test::get(server.live.http_port(), "/api/v1/streams/").body;
    return has(streams, "\"H264\"") && has(streams, "\"AAC\"");
  });
}

}  // namespace

TEST_CASE("servers of STUN and TURN stand in Link headers of the answer, and there alone", "[scenario][rtc]") {
  const RtcServer server("1",
                         "ice_server { url stun:192.0.2.1; }"
                         "ice_server { url turn:192.0.2.1:3478?transport=tcp; username me; password you; }"
                         "ice_server { url turn:192.0.2.2; secret north; }");
  for (const char* path : {"/live/a/whep", "/rtc/v1/whep/?app=live&stream=a"}) {
    const std::string answer = server.post(path);
    REQUIRE(RtcServer::status_of(answer) == 201);
    CHECK(has(answer, "\r\nLink: <stun:192.0.2.1>; rel=\"ice-server\"\r\n"));
    CHECK(has(
        answer,
        "\r\nLink: <turn:192.0.2.1:3478?transport=tcp>; rel=\"ice-server\"; username=\"me\"; credential=\"you\"; "));
    CHECK(has(answer, "\r\nLink: <turn:192.0.2.2>; rel=\"ice-server\"; username=\"1"));
  }
  // Whoever asks without being admitted learns no password.
  CHECK_FALSE(has(server.ask("OPTIONS", "/live/a/whep"), "Link:"));
  const std::string running = test::get(server.live.http_port(), "/api/v1/raw?rpc=raw").body;
  CHECK_FALSE(has(running, "north"));
}

TEST_CASE("media without encryption is for peers of this machine, or where the operator says so", "[scenario][rtc]") {
  const std::string sdp = "Content-Type: application/sdp\r\n";
  const auto ask = [](const RtcServer& server, const std::string& more, const std::string& fields) {
    const auto offer = test::test_file("sdp/chromium156-play.sdp");
    return server.ask("POST", "/live/a/whep?" + more, std::string(offer.begin(), offer.end()), fields);
  };
  {
    const RtcServer server("1");
    for (const std::string more : {"encrypt=false", "dtls=false"}) {
      CHECK(RtcServer::status_of(ask(server, more, sdp)) == 201);
      const std::string refused = ask(server, more, sdp + "X-Forwarded-For: 198.51.100.7\r\n");
      INFO(refused);
      CHECK(RtcServer::status_of(refused) == 403);
      CHECK(has(refused, "rtc_server { encrypt off; }"));
      // A proxy that nobody trusts may write whatever address it likes.
      CHECK(RtcServer::status_of(ask(server, more, sdp + "X-Forwarded-For: 127.0.0.1\r\n")) == 403);
    }
    CHECK(RtcServer::status_of(ask(server, "encrypt=true", sdp + "X-Forwarded-For: 198.51.100.7\r\n")) == 201);
  }
  const RtcServer open("1", "encrypt off;");
  CHECK(RtcServer::status_of(ask(open, "", sdp + "X-Forwarded-For: 198.51.100.7\r\n")) == 201);
}

TEST_CASE("fragments of an ICE session that is over restart nothing", "[scenario][rtc]") {
  const RtcServer server("2");
  const std::string answer = server.post("/live/a/whep"), session = field_of(answer, "Location");
  const std::string tag = field_of(answer, "ETag");
  REQUIRE_FALSE(session.empty());
  const auto patch = [&](const std::string& match, const std::string& body) {
    return server.ask("PATCH", session, body,
                      "Content-Type: application/trickle-ice-sdpfrag\r\n" +
                          (match.empty() ? std::string() : "If-Match: " + match + "\r\n"));
  };
  const auto status = [&](const std::string& match, const std::string& body) {
    return RtcServer::status_of(patch(match, body));
  };
  const std::string candidate = "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n";
  const auto fresh = [](const std::string& ufrag) {
    return "a=ice-ufrag:" + ufrag + "\r\na=ice-pwd:pppppppppppppppppppppppp\r\n";
  };
  CHECK(status("", candidate) == 428);
  CHECK(status("\"x\"", candidate) == 412);
  CHECK(status("W/" + tag, candidate) == 412);
  CHECK(status("\"x\", " + tag, candidate) == 204);
  CHECK(status(tag, "a=end-of-candidates\r\n") == 204);
  CHECK(status(tag, "") == 400);
  CHECK(status(tag, "hello") == 400);

  const std::string restarted = patch("*", fresh("anew"));
  REQUIRE(RtcServer::status_of(restarted) == 200);
  const std::string second = field_of(restarted, "ETag");
  CHECK(second != tag);
  CHECK(has(restarted, "a=ice-ufrag:"));
  // It was sent before the restart, and comes after it.
  CHECK(status(tag, fresh("late") + candidate) == 412);
  CHECK(status(second, fresh("anew") + candidate) == 204);
  CHECK(RtcServer::status_of(patch("\"*\"", fresh("more"))) == 200);
  CHECK(RtcServer::status_of(server.ask("DELETE", session)) == 200);
  CHECK(RtcServer::status_of(server.ask("DELETE", session)) == 404);
}

TEST_CASE("an offer that takes no codec of the stream is refused at once with both their codecs", "[scenario][rtc]") {
  const RtcServer server("2", "", "plugin_dir /nowhere;");
  RtmpPeer publisher(server.live.rtmp_port(), Role::publish, "usual");
  REQUIRE(publisher.wait_publishing());
  publish(publisher);
  REQUIRE(shows(server));
  CHECK(server.offer("/live/usual/whep") == 201);
  // The plug-in is looked for with the first that may need it; until that is known, there may be sound.
  (void)server.post("/live/usual/whep?video=vp8");
  REQUIRE(test::soon([&] {
    return has(test::get(server.live.http_port(), "/api/v1/summaries").body, R"("audio_plugin":"missing")");
  }));
  const std::string refused = server.post("/live/usual/whep?video=vp8");
  CHECK(RtcServer::status_of(refused) == 406);
  CHECK(has(refused, "5018: RtcSdpExchange\n"));
  CHECK(has(refused, "the stream has H264 and AAC; the offer has "));
  CHECK(has(refused, "AAC is not made Opus: the audio plug-in is missing"));
  const std::string second = server.post("/live/usual/whep?video=2");
  CHECK(RtcServer::status_of(second) == 406);
  CHECK(has(second, "; asked for: video 2;"));
  CHECK(server.offer("/live/usual/whep?video=9") == 400);
  CHECK(server.offer("/live/nobody/whep?video=2&audio=3") == 201);  // it may come
}

TEST_CASE("a worker without time for WebRTC shows in summaries and metrics", "[scenario][rtc]") {
  const RtcServer server("1", "", "circuit_breaker { high_threshold 0; high_pulse 1; critical_pulse 0; }");
  CHECK(test::soon([&] { return server.figure("weir_rtc_breaker_workers{level=\"high\"}") == 1; }));
  CHECK(server.figure("weir_rtc_breaker_trips_total{level=\"high\"}") >= 1);
  CHECK(server.figure("weir_rtc_breaker_trips_total{level=\"critical\"}") == 0);
  const std::string told = test::get(server.live.http_port(), "/api/v1/summaries").body;
  CHECK(has(told, R"("circuit_breaker":{"state":"high","workers_high":1,"workers_critical":0,)"));
}

}  // namespace weir::test::rtc_test
