#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "scenario/support/hls_client.h"
#include "scenario/support/rtc_server.h"
#include "scenario/support/srt_server.h"
#include "scenario/support/witness.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::udp_flood_test {

// Senders by UDP that never pause, beside a healthy stream, and offers that nobody comes for.
using namespace std::chrono_literals;
using test::RtcServer;
using test::SrtPeer;
using test::SrtServer;
using test::Witness;

namespace {

// Does that over and over in a thread of its own.
class Untiring {
 public:
  explicit Untiring(std::function<bool()> act)
      : thread_([this, act = std::move(act)] {
          while (!stop_ && act()) ++times_;
        }) {}
  ~Untiring() {
    stop_ = true;
    thread_.join();
  }
  std::uint64_t times() const { return times_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> times_{0};
  std::thread thread_;
};

class Datagrams {
 public:
  explicit Datagrams(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  }
  ~Datagrams() { ::close(descriptor_); }
  Datagrams(const Datagrams&) = delete;
  Datagrams& operator=(const Datagrams&) = delete;
  bool send(base::Bytes bytes) {
    (void)::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT);  // what is refused is lost, as on any way
    return true;
  }

 private:
  int descriptor_;
};

bool flows_beside(Witness& witness, const std::function<bool()>& enough) {
  for (int i = 0; i < 500; ++i) {
    if (!witness.well()) return false;
    if (i >= 50 && enough()) return true;
  }
  return enough();
}

}  // namespace

TEST_CASE("checks and noise on the WebRTC port hold nobody up", "[scenario][flood][rtc]") {
  RtcServer server("1");
  Witness witness(server.live);
  Datagrams datagrams(server.port);
  std::mt19937 random(7);
  // RFC 8489 5: a binding request whose USERNAME, 6, names no session; then whatever its first byte says.
  test::ByteVector check =
      test::bytes("0001 0010 2112a442 000102030405060708090a0b 0006 0009 6e6f626f6479 3a 7a7a 000000");
  test::ByteVector noise(1200);
  const Untiring flood([&] {
    check[8] = static_cast<std::uint8_t>(random());
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
    return datagrams.send(check) && datagrams.send(noise);
  });
  const std::string strangers = "weir_rtc_datagrams_lost_total{reason=\"no_session\"}";
  CHECK(flows_beside(witness, [&] { return server.figure(strangers) > 5'000; }));
  CHECK(server.figure("weir_rtc_connected_total") == 0);
  server.live.stop();
}

TEST_CASE("an SRT publisher faster than any clock holds nobody up", "[scenario][flood][srt]") {
  SrtServer server;
  Witness witness(server.live());
  SrtPeer publisher(server.port(), test::publish_id("flood"));
  REQUIRE(publisher.connected());
  const test::ByteVector file = test::test_file("ts/h264_aac.ts");
  const Untiring flood([&] {
    for (std::size_t at = 0; at + 1316 <= file.size(); at += 1316) {
      if (!publisher.send(base::Bytes(file).subspan(at, 1316))) return false;
    }
    return true;
  });
  CHECK(flows_beside(witness, [&] { return flood.times() > 3; }));
  server.live().stop();
}

TEST_CASE("noise on the SRT port holds nobody up, and callers get through", "[scenario][flood][srt]") {
  SrtServer server;
  Witness witness(server.live());
  Datagrams datagrams(server.port());
  std::mt19937 random(7);
  test::ByteVector noise(400);
  const Untiring flood([&] {
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
    if (random() % 2 == 0) noise[0] = 0x80, noise[1] = 0, noise[2] = 0, noise[3] = 0;  // handshakes of no sense
    return datagrams.send(noise);
  });
  CHECK(flows_beside(witness, [&] { return flood.times() > 10'000; }));
  bool connected = false;  // the flood may take the place of its packets
  for (int i = 0; i < 10 && !connected; ++i) {
    connected = SrtPeer(server.port(), test::publish_id("good" + std::to_string(i))).connected();
  }
  CHECK(connected);
  server.live().stop();
}

TEST_CASE("offers that nobody comes for are bounded, hold nobody up, and go", "[scenario][flood][rtc]") {
  RtcServer server("2");
  Witness witness(server.live);
  std::map<int, int> statuses;
  for (int i = 0; i < 120; ++i) {
    ++statuses[server.offer("/live/witness/whep")];
    if (i % 10 == 0) CHECK(witness.well());
  }
  // 50 wait of one address; on a slow machine some are given up, and have made room, before the last ones come.
  CHECK(statuses[201] >= 50);
  CHECK(statuses[201] + statuses[503] == 120);
  const auto ended = "weir_rtc_sessions_ended_total{reason=\"no_check\"}";
  const auto given_up = [&] { return server.figure(ended) >= static_cast<std::uint64_t>(statuses[201]); };
  bool well = true;
  CHECK(test::soon([&] { return !(well = witness.well()) || given_up(); }, 60s));
  CHECK(well);
  CHECK(server.offer("/live/witness/whep") == 201);
  CHECK(witness.well());
}

}  // namespace weir::test::udp_flood_test
