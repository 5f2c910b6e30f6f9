#include "scenario/support/hls_client.h"

// Segments of low-latency DASH, asked for while they are made.

namespace weir::test::dash_chunks_test {

using namespace std::chrono_literals;
using rtmp::Role;
using test::get;
using test::LiveServer;
using test::RtmpPeer;
using test::soon;

namespace {

const std::string low_latency =
    "min_latency on; dash { enabled on; dash_path /nonexistent; dash_fragment 1; dash_low_latency on; } ";

// The chunks of a body (RFC 9112 7.1), put together; `whole` if the last one was there.
struct Body {
  std::string bytes;
  std::size_t chunks = 0;
  bool whole = false;
};
Body unframed(const std::string& framed) {
  Body body;
  for (std::size_t at = 0; at < framed.size();) {
    const std::size_t line = framed.find("\r\n", at);
    if (line == std::string::npos) break;
    const std::size_t size = std::stoul(framed.substr(at, line - at), nullptr, 16);
    if (size == 0) {
      body.whole = true;
      break;
    }
    body.bytes += framed.substr(line + 2, size);
    ++body.chunks;
    at = line + 2 + size + 2;
  }
  return body;
}

}  // namespace

TEST_CASE("a segment of low-latency DASH comes chunk by chunk, and is what it is later", "[scenario][hls][dash]") {
  LiveServer server(low_latency);
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  test::publish(publisher, 0, 60);  // the third segment is at its tenth frame
  const std::string address = "/live/cam/video-0-2.m4s";
  REQUIRE(soon(
      [&] { return get(server.http_port(), "/live/cam.mpd").body.find("duration=\"90000\"") != std::string::npos; }));

  test::Socket socket(server.http_port());
  socket.send("GET " + address + " HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string all;
  base::Buffer room(64 * 1024);
  const auto receive = [&] {
    const int count = socket.receive({room.data(), room.size()}, 5s);
    if (count > 0) all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
    return count > 0;
  };
  const auto body = [&] { return unframed(all.substr(std::min(all.find("\r\n\r\n"), all.size() - 4) + 4)); };
  while (all.find("moof") == std::string::npos && receive()) continue;
  INFO(all.substr(0, 400));
  CHECK(all.find("HTTP/1.1 200") == 0);
  CHECK(all.find("Transfer-Encoding: chunked") != std::string::npos);
  CHECK(all.find("Connection: keep-alive") != std::string::npos);
  CHECK_FALSE(body().whole);
  for (int frame = 60; frame < 80; ++frame) test::publish(publisher, frame, frame + 1);
  while (!body().whole && receive()) continue;
  const Body got = body();
  REQUIRE(got.whole);
  CHECK(got.chunks >= 2);
  const auto later = get(server.http_port(), address);
  CHECK(later.status == 200);
  CHECK(later.body == got.bytes);
  // The connection serves another request.
  all.clear();
  socket.send("GET " + address + " HTTP/1.1\r\nHost: x\r\n\r\n");
  while (all.size() < later.body.size() && receive()) continue;
  CHECK(all.find("HTTP/1.1 200") == 0);
}

TEST_CASE("the next segment is waited for, and one that never comes is not there", "[scenario][hls][dash]") {
  LiveServer server(low_latency);
  std::optional<RtmpPeer> publisher;
  publisher.emplace(server.rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher->wait_publishing());
  publisher->send_headers();
  test::publish(*publisher, 0, 52);
  REQUIRE(soon([&] { return get(server.http_port(), "/live/cam.mpd").status == 200; }));
  CHECK(get(server.http_port(), "/live/cam/video-0-9.m4s").status == 404);
  publisher.reset();
  // Its publisher is gone in the middle of it: what was made becomes a segment.
  CHECK(soon([&] { return get(server.http_port(), "/live/cam/video-0-2.m4s").status == 200; }));
  // Players who go by the clock ask for what would come next until they get something.
  test::Answer next;
  CHECK(soon([&] {  // its time comes first
    next = get(server.http_port(), "/live/cam/video-0-3.m4s");
    return next.status == 200;
  }));
  CHECK(next.body.find("moof") != std::string::npos);
  CHECK(next.body.find("trun") == std::string::npos);
  CHECK(get(server.http_port(), "/live/cam/video-0-90.m4s").status == 404);
  CHECK(get(server.http_port(), "/live/cam/video-1-3.m4s").status == 404);
}

}  // namespace weir::test::dash_chunks_test
