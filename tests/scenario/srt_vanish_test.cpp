#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "net/udp_port.h"
#include "net/udp_sockaddr.h"
#include "scenario/support/camera.h"
#include "scenario/support/srt_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::srt_vanish_test {

// SRT peers whose packets stop without a word.
using namespace std::chrono_literals;
using rtmp::Role;
using test::pictures;
using test::publish_id;
using test::rows;
using test::RtmpPeer;
using test::SrtPeer;
using test::SrtServer;

namespace {

// A way to a port of ours, both ways, until it is cut: from then on nothing goes through any more.
class Way {
 public:
  explicit Way(std::uint16_t to)
      : near_(open()), far_(open()), to_(*net::udp_address("127.0.0.1", to)), thread_([this] { run(); }) {}
  ~Way() {
    over_ = true;
    thread_.join();
  }
  std::uint16_t port() const { return near_.local().port; }
  void cut() { cut_ = true; }

 private:
  static net::UdpSocket open() { return std::move(net::UdpSocket::open({"127.0.0.1", 0}, 1)->front()); }
  void run() {
    sockaddr_storage peer{};
    socklen_t peer_size = 0;
    const net::SocketAddress server(to_);
    std::array<std::uint8_t, 2048> room;
    while (!over_) {
      std::array<pollfd, 2> both{{{near_.descriptor(), POLLIN, 0}, {far_.descriptor(), POLLIN, 0}}};
      if (::poll(both.data(), both.size(), 20) <= 0) continue;
      for (const bool outward : {true, false}) {
        if ((both[outward ? 0 : 1].revents & POLLIN) == 0) continue;
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        const auto count = ::recvfrom(both[outward ? 0 : 1].fd, room.data(), room.size(), MSG_DONTWAIT,
                                      reinterpret_cast<sockaddr*>(&from), &size);
        if (count <= 0 || cut_) continue;
        if (outward) {
          peer = from;
          peer_size = size;
          (void)::sendto(far_.descriptor(), room.data(), static_cast<std::size_t>(count), 0, server.get(),
                         server.size());
        } else if (peer_size != 0) {
          (void)::sendto(near_.descriptor(), room.data(), static_cast<std::size_t>(count), 0,
                         reinterpret_cast<sockaddr*>(&peer), peer_size);
        }
      }
    }
  }

  net::UdpSocket near_, far_;
  net::UdpAddress to_;
  std::atomic<bool> cut_{false}, over_{false};
  std::thread thread_;
};

std::vector<nlohmann::json> clients_of_type(SrtServer& server, const std::string& type) {
  std::vector<nlohmann::json> out;
  for (const auto& one : rows(server.live(), "clients")) {
    if (one["type"] == type) out.push_back(one);
  }
  return out;
}

std::string stream_state(SrtServer& server) {
  const auto all = rows(server.live(), "streams");
  return all.empty() || !all[0].contains("source") ? "none" : all[0]["source"]["state"].get<std::string>();
}

}  // namespace

TEST_CASE("a publisher that vanishes is missed after peer_idle_timeout, and its stream waits for it",
          "[scenario][srt]") {
  SrtServer server("publish { grace 30; }", "peer_idle_timeout 1500;");
  RtmpPeer player(server.live().rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  auto way = std::make_unique<Way>(server.port());
  auto publisher = std::make_unique<SrtPeer>(way->port(), publish_id("cam"));
  REQUIRE(publisher->connected());
  const auto clip = test::test_file("ts/h264_aac.ts");
  REQUIRE(publisher->send_all(clip));
  REQUIRE(player.run_until([&] { return pictures(player) >= 10; }, 20s));
  REQUIRE(clients_of_type(server, "srt-publish").size() == 1);
  const auto cut_at = std::chrono::steady_clock::now();
  way->cut();
  REQUIRE(test::soon([&] { return clients_of_type(server, "srt-publish").empty(); }));
  const auto missed_after = std::chrono::steady_clock::now() - cut_at;
  CHECK(missed_after > 1s);
  CHECK(stream_state(server) == "interrupted");
  // Its player waits, and goes on with whoever comes next under that name.
  CHECK(clients_of_type(server, "rtmp-play").size() == 1);
  const auto seen = pictures(player);
  SrtPeer again(server.port(), publish_id("cam"));
  REQUIRE(again.connected());
  REQUIRE(again.send_all(clip));
  CHECK(player.run_until([&] { return pictures(player) >= seen + 10; }, 20s));
  CHECK(stream_state(server) == "live");
}

TEST_CASE("a publisher that says goodbye ends its stream at once, whatever the grace", "[scenario][srt]") {
  SrtServer server("publish { grace 30; }", "peer_idle_timeout 10000;");
  SrtPeer publisher(server.port(), publish_id("cam"));
  REQUIRE(publisher.connected());
  REQUIRE(publisher.send_all(test::test_file("ts/h264_aac.ts")));
  REQUIRE(test::soon([&] { return stream_state(server) == "live"; }));
  publisher.close_when_sent();
  CHECK(test::soon([&] { return stream_state(server) == "none"; }));
}

TEST_CASE("a player that vanishes is missed, too, and its place is free", "[scenario][srt]") {
  SrtServer server("", "peer_idle_timeout 1500;");
  auto way = std::make_unique<Way>(server.port());
  SrtPeer player(way->port(), test::play_id("cam"));
  REQUIRE(player.connected());
  REQUIRE(test::soon([&] { return clients_of_type(server, "srt-play").size() == 1; }));
  way->cut();
  CHECK(test::soon([&] { return clients_of_type(server, "srt-play").empty(); }));
}

}  // namespace weir::test::srt_vanish_test
