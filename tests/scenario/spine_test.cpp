#include <memory>
#include <thread>

#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::spine_test {

using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;
using test::Socket;

namespace {

// Video frames without the sequence header.
std::vector<rtmp::MediaReceived> frames(const RtmpPeer& peer) {
  std::vector<rtmp::MediaReceived> out;
  for (const auto& message : peer.media) {
    if (message.type == rtmp::MessageType::video && message.payload.data()[1] == 1) out.push_back(message);
  }
  return out;
}

void publish_seconds(RtmpPeer& publisher, std::uint32_t from_ms, int count) {
  for (int i = 0; i < count; ++i) publisher.send_frame(from_ms + static_cast<std::uint32_t>(i) * 40, i % 25 == 0);
}

std::string read_all(Socket& socket, std::chrono::milliseconds quiet) {
  std::string out;
  base::Buffer room(64 * 1024);
  for (;;) {
    const int count = socket.receive({room.data(), room.size()}, quiet);
    if (count <= 0) return out;
    out.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
}

}  // namespace

TEST_CASE("players on every worker get the same frames, before and after they came", "[scenario]") {
  LiveServer server("min_latency on;");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "a");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  RtmpPeer early(server.rtmp_port(), Role::play, "a");
  REQUIRE(early.wait_playing());
  publish_seconds(publisher, 0, 10);
  REQUIRE(early.run_until([&] { return frames(early).size() >= 10; }));
  std::vector<std::unique_ptr<RtmpPeer>> players;  // enough for both workers to have some
  for (int i = 0; i < 12; ++i) players.push_back(std::make_unique<RtmpPeer>(server.rtmp_port(), Role::play, "a"));
  for (auto& player : players) REQUIRE(player->wait_playing());
  publish_seconds(publisher, 400, 15);
  for (auto& player : players) {
    REQUIRE(player->run_until([&] { return frames(*player).size() >= 25; }));
    CHECK_FALSE(player->broken);
    const auto got = frames(*player);
    const auto& first = frames(*players[0]);
    for (std::size_t i = 0; i < 25; ++i) {
      CHECK(got[i].time_ms == static_cast<std::int64_t>(i) * 40);
      CHECK(base::as_text(got[i].payload) == base::as_text(first[i].payload));
    }
    CHECK(got[0].payload.data()[0] == 0x17);
  }
}

namespace {

// The name may be busy for a moment after its publisher has left.
std::unique_ptr<RtmpPeer> next_publisher(const LiveServer& server, const std::string& stream) {
  std::unique_ptr<RtmpPeer> peer;
  const bool has_it = test::soon([&] {
    peer = std::make_unique<RtmpPeer>(server.rtmp_port(), Role::publish, stream);
    return peer->run_until([&] { return peer->client.publishing() || peer->closed; }) && peer->client.publishing();
  });
  return has_it ? std::move(peer) : nullptr;
}

}  // namespace

TEST_CASE("a player that comes first waits for its publisher, stays when it leaves, and goes on with the next",
          "[scenario]") {
  LiveServer server("min_latency on;");
  RtmpPeer player(server.rtmp_port(), Role::play, "later");
  REQUIRE(player.wait_playing());
  std::int64_t last = 0;
  for (int round = 0; round < 3; ++round) {
    const auto next = next_publisher(server, "later");
    REQUIRE(next);
    RtmpPeer& publisher = *next;
    publisher.send_headers();
    publish_seconds(publisher, 0, 5);
    const std::size_t want = 5 * static_cast<std::size_t>(round + 1);
    REQUIRE(player.run_until([&] { return frames(player).size() >= want; }));
    publisher.client.close();
    publisher.flush();
    CHECK(player.codes.empty());  // nothing that a player takes for the end
    const auto got = frames(player);
    CHECK(got[want - 5].time_ms >= last);  // the time goes on, whatever the publisher's clock says
    last = got.back().time_ms;
  }
}

TEST_CASE("a second publisher of a name is refused with BadName and the first goes on", "[scenario]") {
  LiveServer server("min_latency on;");
  RtmpPeer first(server.rtmp_port(), Role::publish, "busy");
  REQUIRE(first.wait_publishing());
  RtmpPeer second(server.rtmp_port(), Role::publish, "busy");
  CHECK(second.wait_status("NetStream.Publish.BadName"));
  CHECK(second.wait_closed());
  RtmpPeer player(server.rtmp_port(), Role::play, "busy");
  REQUIRE(player.wait_playing());
  first.send_headers();
  publish_seconds(first, 0, 3);
  CHECK(player.run_until([&] { return frames(player).size() == 3; }));
}

TEST_CASE("the same connection may publish again", "[scenario]") {
  LiveServer server("min_latency on;");
  for (int i = 0; i < 3; ++i) {
    const auto publisher = next_publisher(server, "again");
    REQUIRE(publisher);
    publisher->client.close();
    publisher->flush();
  }
}

TEST_CASE("HTTP-FLV begins with header and key frame and ends with the publication", "[scenario]") {
  LiveServer server("min_latency on;");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "web");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish_seconds(publisher, 0, 5);
  Socket http(server.http_port());
  http.send("GET /live/web.flv HTTP/1.0\r\n\r\n");
  std::string got = read_all(http, 300ms);
  CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
  const auto body = got.find("\r\n\r\n");
  REQUIRE(body != std::string::npos);
  CHECK(got.substr(body + 4, 9) == std::string("FLV\x01\x05\0\0\0\x09", 9));
  publisher.client.close();
  publisher.flush();
  base::Buffer room(1024);
  CHECK(http.receive({room.data(), room.size()}, 3s) == 0);
}

TEST_CASE("FLV by POST is published", "[scenario]") {
  LiveServer server("min_latency on;");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "origin");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  publish_seconds(publisher, 0, 5);
  Socket reader(server.http_port());
  reader.send("GET /live/origin.flv HTTP/1.0\r\n\r\n");
  const std::string got = read_all(reader, 300ms);
  const std::string flv = got.substr(got.find("\r\n\r\n") + 4);
  REQUIRE(flv.starts_with("FLV\x01"));
  Socket writer(server.http_port());
  writer.send("POST /live/copy.flv HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  char head[32];
  std::snprintf(head, sizeof head, "%zx\r\n", flv.size());
  RtmpPeer player(server.rtmp_port(), Role::play, "copy");
  REQUIRE(player.wait_playing());
  writer.send(std::string(head) + flv + "\r\n");
  CHECK(player.run_until([&] { return frames(player).size() == 5; }));
  writer.send("0\r\n\r\n");
  const std::string answer = read_all(writer, 2s);
  CHECK(answer.substr(0, answer.find('\r')) + answer.substr(answer.find("\r\n\r\n") + 4) ==
        "HTTP/1.1 200 OKpublished\n");
}

TEST_CASE("a reload changes what follows and drops nobody", "[scenario]") {
  LiveServer server("min_latency on;");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "r");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  RtmpPeer player(server.rtmp_port(), Role::play, "r");
  REQUIRE(player.wait_playing());
  publish_seconds(publisher, 0, 5);
  REQUIRE(player.run_until([&] { return frames(player).size() == 5; }));
  server.reload("chunk_size 4096; play { gop_cache off; mw_latency 100; } ");
  publish_seconds(publisher, 200, 5);
  CHECK(player.run_until([&] { return frames(player).size() == 10; }));
  RtmpPeer late(server.rtmp_port(), Role::play, "r");
  REQUIRE(late.wait_playing());
  publish_seconds(publisher, 400, 5);
  CHECK(late.run_until([&] { return frames(late).size() == 5; }));
  CHECK_FALSE(late.broken);
}

TEST_CASE("a stop tells the players and leaves nobody behind", "[scenario]") {
  LiveServer server("min_latency on;");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "s");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  RtmpPeer player(server.rtmp_port(), Role::play, "s");
  REQUIRE(player.wait_playing());
  publish_seconds(publisher, 0, 5);
  REQUIRE(player.run_until([&] { return frames(player).size() == 5; }));
  std::thread stopping([&] { server.stop(); });
  CHECK(player.wait_closed());
  CHECK(std::find(player.codes.begin(), player.codes.end(), "ended") != player.codes.end());
  CHECK(publisher.wait_closed());
  stopping.join();
}

}  // namespace weir::test::spine_test
