// HTTP/2 by prior knowledge, with the whole server and a client by nghttp2.
#include "net/http2/serve.h"
#include "scenario/support/hls_client.h"
#include "scenario/support/http2_client.h"

namespace weir::test::http2_test {

using namespace std::chrono_literals;
using rtmp::Role;
using test::Http2Client;
using test::LiveServer;
using test::RtmpPeer;

namespace {

// Sends on in the background of a client's talk.
struct Camera {
  RtmpPeer peer;
  int frame = 0;
  explicit Camera(const LiveServer& server, const std::string& name) : peer(server.rtmp_port(), Role::publish, name) {
    REQUIRE(peer.wait_publishing());
    peer.send_headers();
  }
  void film(int frames = 25) {
    test::publish(peer, frame, frame + frames);
    frame += frames;
  }
};

}  // namespace

TEST_CASE("playlists, segments, a live stream and an upload share one connection", "[scenario][http2]") {
  if (!http2::is_built()) return;
  LiveServer server("hls { enabled on; hls_fragment 1; }");
  Camera camera(server, "cam");
  camera.film(150);
  Http2Client client(server.http_port());
  std::string list;
  REQUIRE(client.run_until([&] {
    camera.film(5);
    list = client.get("/live/cam.m3u8").body;
    if (const auto at = list.find("/live/cam.m3u8?"); at != std::string::npos)
      list = client.get(list.substr(at, list.find('\n', at) - at)).body;
    return list.find("#EXTINF") != std::string::npos;
  }));
  const std::int32_t live = client.peer.ask("/live/cam.flv");
  REQUIRE(client.run_until([&] {
    camera.film(1);
    client.peer.consume(live, 0);
    return client.peer.answer(live).body.size() > 1'000;
  }));
  CHECK(client.peer.answer(live).status() == "200");
  CHECK(client.peer.answer(live).fields["content-type"] == "video/x-flv");
  CHECK(client.peer.answer(live).body.starts_with("FLV\x01"));
  const auto at = list.find("#EXTINF");
  const std::string name =
      list.substr(list.find('\n', at) + 1, list.find('\n', list.find('\n', at) + 1) - list.find('\n', at) - 1);
  const auto segment = client.get("/live/" + name);
  INFO(name);
  CHECK(segment.status() == "200");
  CHECK(segment.body.size() % 188 == 0);
  CHECK(segment.fields.at("content-length") == std::to_string(segment.body.size()));
  CHECK_FALSE(client.peer.answer(live).ended);
  const auto missing = client.get("/nothing.html");
  CHECK(missing.status() == "404");
  const std::int32_t head = client.peer.ask("/live/" + name, "HEAD");
  REQUIRE(client.run_until([&] { return client.peer.answer(head).ended; }));
  CHECK(client.peer.answer(head).body.empty());
  CHECK(client.peer.answer(head).fields["content-length"] == std::to_string(segment.body.size()));
  // What is sent up is a body like any other.
  const std::string upload = "no FLV at all, and long enough to be seen";
  const std::int32_t posted = client.peer.ask("/live/up.flv", "POST", &upload);
  REQUIRE(client.run_until([&] { return client.peer.answer(posted).ended || client.peer.answer(posted).reset != 0; }));
  CHECK_FALSE(client.closed);
  CHECK_FALSE(client.peer.told_to_go);
}

TEST_CASE("an answer that comes before the end of what is sent up is whole, and only much more of that is cut off",
          "[scenario][http2]") {
  if (!http2::is_built()) return;
  LiveServer server;
  Http2Client client(server.http_port());
  CHECK(client.get("/nothing.html").status() == "404");
  for (const std::size_t size : {std::size_t{2}, std::size_t{50'000}, std::size_t{1'000'000}}) {
    INFO(size);
    const std::string body(size, 'x');
    const std::int32_t id = client.peer.ask("/nothing.html", "POST", &body);
    const std::string said = client.peer.output();  // a frame of fields, and what may be sent of the body
    const auto fields =
        9 + static_cast<std::size_t>(static_cast<std::uint8_t>(said[1]) << 8 | static_cast<std::uint8_t>(said[2]));
    REQUIRE(said.size() > fields);
    client.send(said.substr(0, fields));
    const auto& answer = client.peer.answer(id);
    REQUIRE(client.run_until([&] { return answer.ended; }));
    CHECK_FALSE(answer.cut);
    CHECK(answer.status().starts_with("4"));
    client.send(said.substr(fields));
    const auto next = client.get("/nothing.html");
    CHECK(next.status() == "404");
    if (size > 100'000) {
      CHECK(client.run_until([&] { return answer.cut; }));
    } else {
      CHECK_FALSE(answer.cut);
    }
  }
  CHECK_FALSE(client.closed);
}

TEST_CASE("a player that does not read is moved forward, and keeps nobody of its connection waiting",
          "[scenario][http2]") {
  if (!http2::is_built()) return;
  LiveServer server("play { queue_length 1; }");
  Camera camera(server, "cam");
  camera.film(30);
  Http2Client client(server.http_port());
  const std::int32_t lazy = client.peer.ask("/live/cam.flv");
  REQUIRE(client.run_until([&] {
    camera.film(10);
    return client.peer.answer(lazy).body.size() > 1'000;
  }));
  for (int i = 0; i < 20; ++i) {
    camera.film(50);
    CHECK(client.get("/nothing.html").status() == "404");
  }
  CHECK(client.peer.answer(lazy).body.size() <= 65'535);
  client.peer.reset(lazy);
  CHECK(client.get("/nothing.html").status() == "404");
}

TEST_CASE("the publisher's end is the end of the stream, and a stop that of the connection", "[scenario][http2]") {
  if (!http2::is_built()) return;
  LiveServer server("play { publish_wait 1; } publish { grace 0; }");
  Http2Client client(server.http_port());
  std::int32_t live = 0;
  {
    Camera camera(server, "cam");
    camera.film(30);
    live = client.peer.ask("/live/cam.flv");
    REQUIRE(client.run_until([&] {
      camera.film(1);
      return client.peer.answer(live).body.size() > 1'000;
    }));
  }
  REQUIRE(client.run_until([&] { return client.peer.answer(live).ended; }));
  CHECK(client.peer.answer(live).reset == 0);
  CHECK(client.get("/nothing.html").status() == "404");
  server.stop();
  (void)client.run_until([] { return false; });
  CHECK(client.closed);
  CHECK(client.peer.told_to_go);
}

TEST_CASE("who breaks the rules of HTTP/2 loses the connection and nothing else", "[scenario][http2]") {
  if (!http2::is_built()) return;
  LiveServer server;
  Camera camera(server, "cam");
  camera.film(30);
  Http2Client viewer(server.http_port());
  const std::int32_t live = viewer.peer.ask("/live/cam.flv");
  REQUIRE(viewer.run_until([&] { return viewer.peer.answer(live).body.size() > 1'000; }));
  Http2Client attacker(server.http_port());
  for (int i = 0; i < 1'000 && !attacker.closed; ++i) {
    const std::int32_t id = attacker.peer.ask("/live/cam.flv");
    std::string said = attacker.peer.output();
    attacker.peer.reset(id);
    said += attacker.peer.output();
    if (!attacker.send(said)) break;
  }
  (void)attacker.run_until([] { return false; });
  CHECK(attacker.closed);
  CHECK(attacker.peer.why == NGHTTP2_ENHANCE_YOUR_CALM);
  const std::size_t before = viewer.peer.answer(live).body.size();
  CHECK(viewer.run_until([&] {
    camera.film(1);
    return viewer.peer.answer(live).body.size() > before;
  }));
}

TEST_CASE("http2 off is HTTP/1.1 alone, from the next connection on", "[scenario][http2]") {
  if (!http2::is_built()) return;
  LiveServer server("", "workers 1;");
  CHECK(Http2Client(server.http_port()).get("/nothing.html").status() == "404");
  Http2Client before(server.http_port());
  CHECK(before.get("/nothing.html").status() == "404");
  REQUIRE(server.reload(
      "", "workers 1; http_server { enabled on; listen 127.0.0.1:{HTTP}; dir /nonexistent; http2 off; }"));
  CHECK(before.get("/nothing.html").status() == "404");
  Http2Client after(server.http_port());
  (void)after.get("/nothing.html");
  CHECK(after.closed);
}

TEST_CASE("who says nothing is not waited for: before the first request, and between two", "[scenario][http2]") {
  if (!http2::is_built()) return;
  LiveServer server(
      "",
      "workers 1; http_server { enabled on; listen 127.0.0.1:{HTTP}; dir /nonexistent; header_timeout 500ms; "
      "idle_timeout 500ms; }");
  Http2Client silent(server.http_port());
  (void)silent.run_until([] { return false; });
  CHECK(silent.closed);
  Http2Client idle(server.http_port());
  CHECK(idle.get("/nothing.html").status() == "404");
  (void)idle.run_until([] { return false; });
  CHECK(idle.closed);
  // Half a preface is a request of HTTP/1 that does not come to its end.
  Http2Client half(server.http_port());
  (void)half.peer.output();
  REQUIRE(half.send("PRI * HTTP/2"));
  (void)half.run_until([] { return false; });
  CHECK(half.closed);
}

TEST_CASE("a request and what breaks the rules, in one breath: the connection ends, and no worker is held",
          "[scenario][http2]") {
  if (!http2::is_built()) return;
  LiveServer server("",
                    "workers 2; http_server { enabled on; listen 127.0.0.1:{HTTP}; dir /nonexistent; } "
                    "http_api { enabled on; listen 127.0.0.1:{HTTP}; auth { enabled on; username u; password p; } }");
  const auto frame = [](std::uint8_t type, std::uint8_t flags, std::uint8_t stream, const std::string& payload) {
    const std::string head{
        '\0', '\0', static_cast<char>(payload.size()), static_cast<char>(type), static_cast<char>(flags), '\0',
        '\0', '\0', static_cast<char>(stream)};
    return head + payload;
  };
  const auto field = [](char index, const std::string& value) {
    return std::string{index, static_cast<char>(value.size())} + value;
  };
  const std::string begin = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "");
  for (const char* path : {"/api/v1/clients/", "/nothing.html", "/api/v1/versions"}) {
    for (const char method : {'\x82', '\x83'}) {  // GET, POST
      const std::string asks =
          frame(1, method == '\x82' ? 5 : 4, 1, method + ("\x86" + field(0x41, "localhost")) + field(0x04, path));
      for (const std::string& fault : {frame(6, 0, 0, "x"), frame(5, 4, 1, std::string(4, '\0')), frame(0, 0, 0, "x"),
                                       std::string("\0\x4e\x20\0\0\0\0\0\1", 9)}) {
        for (int i = 0; i < 4; ++i) {
          Http2Client client(server.http_port());
          REQUIRE(client.send(begin + asks + fault));
        }
      }
    }
  }
  for (int i = 0; i < 8; ++i) CHECK(Http2Client(server.http_port()).get("/nothing.html").status() == "404");
}

TEST_CASE("a connection that sends something now and then has no more time than one that is silent",
          "[scenario][http2]") {
  if (!http2::is_built()) return;
  LiveServer server(
      "",
      "workers 1; http_server { enabled on; listen 127.0.0.1:{HTTP}; dir /nonexistent; header_timeout 500ms; "
      "idle_timeout 500ms; }");
  Http2Client pings(server.http_port());
  CHECK(pings.get("/nothing.html").status() == "404");
  CHECK_FALSE(pings.run_until([&] {
    pings.peer.ping();
    return false;
  }));
  CHECK(pings.closed);
  Http2Client drips(server.http_port());
  CHECK(drips.get("/nothing.html").status() == "404");
  REQUIRE(drips.send(std::string("\0\0\x40\1\0\0\0\0\3", 9)));  // the head of HEADERS, and its fields never
  CHECK_FALSE(drips.run_until([] { return false; }));
  CHECK(drips.closed);
}

}  // namespace weir::test::http2_test
