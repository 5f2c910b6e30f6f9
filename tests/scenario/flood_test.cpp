#include <atomic>
#include <thread>

#include "scenario/support/hls_client.h"
#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "scenario/support/witness.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::flood_test {

// Senders that never pause, one for each protocol, on the one worker that a healthy stream has too. Its frames must
// come through in the middle of the flood, and the server must hear when it is told to stop.
using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;
using test::Socket;
using test::Witness;
using test::operator+;

namespace {

// Sends what `next` gives until the server has enough of it, and throws away what is answered.
class Flood {
 public:
  Flood(Socket& socket, std::function<base::Bytes()> next) : socket_(socket) {
    sender_ = std::thread([this, next = std::move(next)] {
      while (!stop_) {
        const base::Bytes bytes = next();
        if (!socket_.send(bytes)) break;
        sent_ += bytes.size();
      }
      over_ = true;
    });
    listener_ = std::thread([this] {
      base::Buffer room(256 * 1024);
      while (!stop_ && socket_.receive({room.data(), room.size()}, 100ms) != 0) {
      }
    });
  }
  ~Flood() {
    stop_ = true;
    socket_.cut();
    sender_.join();
    listener_.join();
  }
  std::uint64_t sent() const { return sent_; }
  bool over() const { return over_; }

 private:
  Socket& socket_;
  std::atomic<bool> stop_{false}, over_{false};
  std::atomic<std::uint64_t> sent_{0};
  std::thread sender_, listener_;
};

std::uint64_t cut_turns(const LiveServer& server) {
  const std::string body = test::get(server.http_port(), "/metrics").body;
  const std::string name = "weir_worker_cut_turns_total{worker=\"0\"} ";
  const auto at = body.find(name);
  return at == std::string::npos ? 0 : std::stoull(body.substr(at + name.size()));
}

constexpr const char* one_worker = "workers 1; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

// The healthy stream goes on while the other sends; the other was told to wait, and did not pause by itself.
enum class Fate : std::uint8_t { stays, slow, may_be_thrown_out };
void check_beside(LiveServer& server, Witness& witness, Socket& socket, std::function<base::Bytes()> next,
                  Fate fate = Fate::stays) {
  const std::uint64_t cut = cut_turns(server);
  Flood flood(socket, std::move(next));
  bool flows = true;
  for (int i = 0; i < 500 && flows && (i < 20 || cut_turns(server) == cut); ++i) flows = witness.well();
  CHECK(flows);
  CHECK(cut_turns(server) > cut);
  if (fate != Fate::may_be_thrown_out) CHECK_FALSE(flood.over());
  if (fate == Fate::stays) {
    const std::uint64_t before = flood.sent();
    CHECK(test::soon([&] { return flood.sent() > before; }));
  }
  server.stop();  // returns though it never pauses
}

std::string repeated(const std::string& text, std::size_t bytes) {
  std::string all;
  while (all.size() < bytes) all += text;
  return all;
}

}  // namespace

TEST_CASE("pipelined requests that are answered at once hold nobody up", "[scenario][flood]") {
  for (const char* request : {"HEAD /live/witness.flv HTTP/1.1\r\nHost: a\r\n\r\n",
                              "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    CAPTURE(request);
    LiveServer server("min_latency on;", one_worker);
    Witness witness(server);
    Socket socket(server.http_port());
    const std::string block = repeated(request, 64 * 1024);
    check_beside(server, witness, socket, [&] { return base::as_bytes(block); });
  }
}

TEST_CASE("chunks before connect hold nobody up", "[scenario][flood]") {
  LiveServer server("min_latency on;", one_worker);
  Witness witness(server);
  Socket socket(server.rtmp_port());
  std::string hello(1 + 1536 + 1536, '\0');  // C0, C1 and a C2 that nobody looks at
  hello[0] = 3;
  REQUIRE(socket.send(hello));
  // Acknowledgements: whole messages, of which the server has nothing to say.
  const auto one = test::bytes("02 000000 000004 03 00000000 00000001");
  const std::string block = repeated(std::string(base::as_text(base::Bytes(one.data(), one.size()))), 64 * 1024);
  check_beside(server, witness, socket, [&] { return base::as_bytes(block); });
}

TEST_CASE("a publisher faster than any clock holds nobody up", "[scenario][flood]") {
  for (const std::size_t size : {std::size_t{2}, std::size_t{300}, std::size_t{100'000}}) {
    CAPTURE(size);
    LiveServer server("min_latency on;", one_worker);
    Witness witness(server);
    RtmpPeer peer(server.rtmp_port(), Role::publish, "fast");
    REQUIRE(peer.wait_publishing());
    peer.send_headers();
    std::uint32_t time = 0;
    base::Buffer block;
    const test::ByteVector body = test::bytes("27 01 000000") + test::repeat(0x41, size);
    check_beside(server, witness, peer.socket, [&] {
      for (int i = 0; i < 64; ++i) peer.client.send(rtmp::MessageType::video, time += 4, body);
      block = peer.client.take_output();
      return block.bytes();
    });
  }
}

TEST_CASE("an upload of FLV without a pause holds nobody up", "[scenario][flood]") {
  LiveServer server("min_latency on;", one_worker);
  Witness witness(server);
  Socket socket(server.http_port());
  REQUIRE(socket.send("POST /live/up.flv HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n"));
  const auto start = test::bytes("464c5601 05 00000009 00000000");
  REQUIRE(socket.send(base::Bytes(start.data(), start.size())));
  // An audio tag of three bytes, 14 in all, and its size behind it.
  const auto tag = test::bytes("08 000003 000000 00 000000 af0155 0000000e");
  const std::string block = repeated(std::string(base::as_text(base::Bytes(tag.data(), tag.size()))), 64 * 1024);
  check_beside(server, witness, socket, [&] { return base::as_bytes(block); });
}

// One that does not read its answers fast enough is thrown out.
TEST_CASE("pings of a WebSocket player hold nobody up", "[scenario][flood]") {
  LiveServer server("min_latency on;", one_worker);
  Witness witness(server);
  Socket socket(server.http_port());
  REQUIRE(
      socket.send("GET /live/witness.flv HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
  const auto ping = test::bytes("89 80 01020304");
  const std::string block = repeated(std::string(base::as_text(base::Bytes(ping.data(), ping.size()))), 64 * 1024);
  check_beside(server, witness, socket, [&] { return base::as_bytes(block); }, Fate::may_be_thrown_out);
}

TEST_CASE("an RTMP player that talks without a pause holds nobody up", "[scenario][flood]") {
  LiveServer server("min_latency on;", one_worker);
  Witness witness(server);
  RtmpPeer peer(server.rtmp_port(), Role::play, "witness");
  REQUIRE(peer.wait_playing());
  const auto one = test::bytes("02 000000 000004 03 00000000 00000001");
  const std::string block = repeated(std::string(base::as_text(base::Bytes(one.data(), one.size()))), 64 * 1024);
  check_beside(server, witness, peer.socket, [&] { return base::as_bytes(block); });
}

TEST_CASE("a publisher faster than its clock, cut into segments and parts, holds nobody up", "[scenario][flood]") {
  LiveServer server("min_latency on; hls { enabled on; hls_to_disk off; hls_low_latency on; hls_fragment 2; }",
                    one_worker);
  Witness witness(server);
  RtmpPeer peer(server.rtmp_port(), Role::publish, "fast");
  REQUIRE(peer.wait_publishing());
  peer.send_headers();
  std::uint32_t frame = 0;
  base::Buffer block;
  const test::ByteVector key = test::bytes("17 01 000000 00000020 65") + test::repeat(0x11, 31);
  const test::ByteVector other = test::bytes("27 01 000000 00000020 41") + test::repeat(0x11, 31);
  check_beside(
      server, witness, peer.socket,
      [&] {
        for (int i = 0; i < 25; ++i, ++frame) {
          peer.client.send(rtmp::MessageType::video, frame * 40, frame % 25 == 0 ? key : other);
        }
        block = peer.client.take_output();
        return block.bytes();
      },
      Fate::slow);
}

}  // namespace weir::test::flood_test
