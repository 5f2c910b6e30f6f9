#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scenario/support/camera.h"
#include "support/catch.h"
#include "support/media_files.h"
#include "support/two_programs.h"

namespace weir::test::udp_ingest_test {

// Transport streams that come to a UDP port.

using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::pictures;
using test::rows;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } ";

// Sends what it is given in datagrams of seven packets, in plain or in RTP.
class Sender {
 public:
  explicit Sender(std::uint16_t port, const char* from = "127.0.0.1") : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    const auto at = [](const char* address, std::uint16_t number) {
      sockaddr_in out{};
      out.sin_family = AF_INET;
      out.sin_port = htons(number);
      ::inet_pton(AF_INET, address, &out.sin_addr);
      return out;
    };
    const sockaddr_in local = at(from, 0), remote = at("127.0.0.1", port);
    (void)::bind(socket_, reinterpret_cast<const sockaddr*>(&local), sizeof local);
    (void)::connect(socket_, reinterpret_cast<const sockaddr*>(&remote), sizeof remote);
  }
  ~Sender() { ::close(socket_); }
  Sender(const Sender&) = delete;

  void datagram(base::Bytes bytes) { (void)::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT); }
  void plain(base::Bytes packets) {
    for (std::size_t at = 0; at < packets.size(); at += 1316) {
      datagram(packets.subspan(at, std::min<std::size_t>(1316, packets.size() - at)));
    }
  }
  void rtp(base::Bytes packets) {
    for (const auto& one : rtp_packets(packets)) datagram(one);
  }
  // Every two exchanged, and each sent twice.
  void rtp_out_of_order(base::Bytes packets) {
    auto all = rtp_packets(packets);
    for (std::size_t i = 0; i + 1 < all.size(); i += 2) all[i].swap(all[i + 1]);
    for (const auto& one : all) {
      datagram(one);
      datagram(one);
    }
  }

 private:
  std::vector<test::ByteVector> rtp_packets(base::Bytes packets) {
    std::vector<test::ByteVector> all;
    for (std::size_t at = 0; at < packets.size(); at += 1316) {
      test::ByteVector out{0x80, 33, static_cast<std::uint8_t>(sequence_ >> 8), static_cast<std::uint8_t>(sequence_)};
      out.resize(12, 1);
      ++sequence_;
      const auto part = packets.subspan(at, std::min<std::size_t>(1316, packets.size() - at));
      out.insert(out.end(), part.begin(), part.end());
      all.push_back(std::move(out));
    }
    return all;
  }

  int socket_;
  unsigned sequence_ = 0;
};

const test::ByteVector& clip() {
  static const test::ByteVector file = test::test_file("ts/h264_aac.ts");
  return file;
}

// A port that is open is known by what it receives.
template <class Send>
bool arrives(RtmpPeer& player, std::size_t most, Send send) {
  return test::soon([&] {
    send();
    player.run_until([&] { return pictures(player) >= most; }, 300ms);
    return pictures(player) >= most;
  });
}

}  // namespace

TEST_CASE("a stream caster takes a transport stream by UDP, plain and in RTP", "[scenario][udp]") {
  const std::uint16_t port = test::free_port();
  const std::string caster =
      "stream_caster { enabled on; caster mpegts_over_udp; listen 127.0.0.1:" + std::to_string(port) +
      "; output rtmp://127.0.0.1/live/cam; }";
  LiveServer server("min_latency on;", with_api + caster);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  Sender sender(port);
  const bool in_rtp = GENERATE(false, true);
  REQUIRE(arrives(player, 10, [&] { in_rtp ? sender.rtp(clip()) : sender.plain(clip()); }));
  const auto all = rows(server, "sources");
  REQUIRE(all.size() == 1);
  CHECK(all[0]["source"] == "udp://127.0.0.1:" + std::to_string(port));
  CHECK(all[0]["state"] == "receiving");
  CHECK(all[0]["stream"] == "cam");
  CHECK(all[0]["recv_bytes"].get<std::uint64_t>() > 1000);
  server.reload("min_latency on;", with_api);
  CHECK(test::soon([&] { return rows(server, "sources").empty(); }));
}

TEST_CASE("RTP out of order and sent twice is as if it had come in order, of the program that is asked for",
          "[scenario][udp]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on; ingest cam { enabled on; input { type stream; url \"rtp://127.0.0.1:" +
                        std::to_string(port) + "?program=2&reorder=1000\"; } }",
                    with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  const auto both = test::two_programs(test::test_file("ts/hevc_opus.ts"), clip());
  Sender sender(port);
  REQUIRE(arrives(player, 20, [&] { sender.rtp_out_of_order(both); }));
  for (const auto& message : player.media) {
    if (message.type == rtmp::MessageType::video) CHECK((message.payload.data()[0] & 0x0f) == 7);  // H.264
  }
}

TEST_CASE("of two senders to one port the first is heard, and what is no transport stream is told of",
          "[scenario][udp]") {
  const std::uint16_t port = test::free_port();
  LiveServer server("min_latency on; ingest cam { enabled on; input { type stream; url udp://127.0.0.1:" +
                        std::to_string(port) + "; } }",
                    with_api);
  RtmpPeer player(server.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  Sender sender(port), stranger(port, "127.0.0.2");
  const auto noise = test::repeat(0x55, 1316);
  REQUIRE(arrives(player, 10, [&] {
    sender.plain(clip());
    for (int i = 0; i < 100; ++i) stranger.datagram(noise);
  }));
  SECTION("noise alone ends the attempt, and the port is opened again") {
    server.reload("min_latency on; ingest other { enabled on; input { type stream; url udp://127.0.0.1:" +
                      std::to_string(port) + "; } }",
                  with_api);
    CHECK(test::soon([&] {
      for (int i = 0; i < 60; ++i) stranger.datagram(noise);
      const auto all = rows(server, "sources");
      return all.size() == 1 && all[0]["error"] == "what comes is no MPEG transport stream";
    }));
    RtmpPeer again(server.rtmp_port(), Role::play, "other");
    REQUIRE(again.wait_playing());
    CHECK(arrives(again, 10, [&] { sender.plain(clip()); }));
  }
}

}  // namespace weir::test::udp_ingest_test
