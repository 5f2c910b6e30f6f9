#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "format/ts/packet.h"
#include "net/udp_port.h"
#include "net/udp_sockaddr.h"
#include "proto/rtp/fec.h"
#include "proto/rtp/packet.h"
#include "scenario/support/camera.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/media_files.h"
#include "support/soon.h"

namespace weir::test::udp_forward_test {

// Streams that are sent on as transport streams by UDP.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::pictures;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::string forward_to(const std::string& target) {
  return "min_latency on; publish { grace 0; } forward { enabled on; destination \"" + target + "\"; }";
}

std::vector<json> forwards(const LiveServer& server) { return test::rows(server, "forwards"); }

// What is told of one stream; nothing while it is not there.
std::string told(const LiveServer& server, const std::string& stream, const char* what) {
  for (const json& row : forwards(server)) {
    if (row["stream"] == stream) return row[what];
  }
  return "";
}

bool is_sending(const LiveServer& server) {
  const auto rows = forwards(server);
  return rows.size() == 1 && rows[0]["state"] == "sending";
}

// Ports of media and of FEC beside each other, of a receiver.
class Receiver {
 public:
  Receiver() {
    for (;;) {
      sockets_.clear();
      auto first = net::UdpSocket::open({"127.0.0.1", 0}, 1);
      const std::uint16_t port = first->front().local().port;
      if (port > 65'000) continue;
      sockets_.push_back(std::move(first->front()));
      for (const std::uint16_t step : {rtp::column_port_step, rtp::row_port_step}) {
        auto more = net::UdpSocket::open({"127.0.0.1", static_cast<std::uint16_t>(port + step)}, 1);
        if (more) sockets_.push_back(std::move(more->front()));
      }
      if (sockets_.size() == 3) return;
    }
  }
  std::uint16_t port() const { return sockets_[0].local().port; }
  // What has come to the media's port, 0, or to those of FEC, 1 and 2.
  std::vector<test::ByteVector> read(std::size_t which) {
    std::vector<test::ByteVector> all;
    for (;;) {
      test::ByteVector room(2048);
      const auto size = ::recv(sockets_[which].descriptor(), room.data(), room.size(), MSG_DONTWAIT);
      if (size < 0) return all;
      room.resize(static_cast<std::size_t>(size));
      all.push_back(std::move(room));
    }
  }

 private:
  std::vector<net::UdpSocket> sockets_;
};

// Sends what comes to a receiver on to three other ports, all but every tenth packet of media.
class LossyWay {
 public:
  explicit LossyWay(std::uint16_t to) : to_(to), thread_([this] { run(); }) {}
  ~LossyWay() {
    over_ = true;
    thread_.join();
  }
  std::uint16_t port() const { return receiver_.port(); }
  std::uint64_t lost() const { return lost_; }

 private:
  void run() {
    auto out = net::UdpSocket::open({"127.0.0.1", 0}, 1);
    while (!over_) {
      std::size_t moved = 0;
      for (std::size_t which = 0; which < 3; ++which) {
        for (const auto& one : receiver_.read(which)) {
          ++moved;
          if (which == 0 && ++count_ % 10 == 0) {
            ++lost_;
            continue;
          }
          const net::SocketAddress there(*net::udp_address("127.0.0.1", static_cast<std::uint16_t>(to_ + 2 * which)));
          (void)::sendto(out->front().descriptor(), one.data(), one.size(), 0, there.get(), there.size());
        }
      }
      if (moved == 0) ::poll(nullptr, 0, 1);
    }
  }

  Receiver receiver_;
  std::uint16_t to_;
  std::atomic<bool> over_{false};
  std::atomic<std::uint64_t> lost_{0};
  unsigned count_ = 0;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a stream is sent in datagrams of seven packets, tables first, to its end", "[scenario][forward][udp]") {
  Receiver receiver;
  const bool in_rtp = GENERATE(false, true);
  const std::string target = (in_rtp ? "rtp://127.0.0.1:" : "udp://127.0.0.1:") + std::to_string(receiver.port());
  LiveServer near(forward_to(target + "?ttl=3&interface=lo"), with_api);
  std::vector<test::ByteVector> got;
  {
    Camera camera(near);
    REQUIRE(test::soon([&] {
      camera.send(1);
      for (auto& one : receiver.read(0)) got.push_back(std::move(one));
      return got.size() >= 20 && is_sending(near);
    }));
    const json row = forwards(near)[0];
    CHECK(row["target"] == target);
    CHECK(row["send_bytes"].get<std::uint64_t>() >= 20 * 1316);
    CHECK(row["drops"] == 0);
    CHECK(row["error"] == "");
  }
  CHECK(test::soon([&] { return forwards(near).empty(); }));
  for (auto& one : receiver.read(0)) got.push_back(std::move(one));
  const std::size_t head = in_rtp ? rtp::header_bytes : 0;
  const auto pid_of = [&](const test::ByteVector& one) { return (one[head + 1] & 0x1f) << 8 | one[head + 2]; };
  for (std::size_t i = 0; i < got.size(); ++i) {
    REQUIRE(got[i].size() == head + 1316);
    for (std::size_t at = head; at < got[i].size(); at += 188) REQUIRE(got[i][at] == 0x47);
    if (!in_rtp) continue;
    const auto packet = rtp::parse(got[i]), first = rtp::parse(got[0]);
    REQUIRE(packet.has_value());
    CHECK(packet->payload_type == 33);
    CHECK(packet->sequence == static_cast<std::uint16_t>(first->sequence + i));
    CHECK(packet->ssrc == first->ssrc);
  }
  CHECK(pid_of(got[0]) == 0);  // the PAT
  CHECK(test::get(near.http_port(), "/metrics").body.find("weir_forward_dropped_packets_total 0\n") !=
        std::string::npos);
}

TEST_CASE("with FEC every packet arrives where every tenth is lost", "[scenario][forward][udp]") {
  const std::uint16_t port = [] { return Receiver().port(); }();
  LossyWay way(port);
  LiveServer far("min_latency on; ingest cam { enabled on; input { type stream; url \"rtp://127.0.0.1:" +
                     std::to_string(port) + "?fec=4x4&reorder=5000\"; } }",
                 with_api);
  LiveServer near(forward_to("rtp://127.0.0.1:" + std::to_string(way.port()) + "?fec=4x4"), with_api);
  RtmpPeer player(far.rtmp_port(), Role::play, "cam");
  REQUIRE(player.wait_playing());
  Camera camera(near);
  CHECK(plays(player, camera, 60));
  CHECK(way.lost() > 3);
  // Pictures 40 ms after one another: none is missing.
  std::vector<std::int64_t> times;
  for (const auto& message : player.media) {
    if (message.type == rtmp::MessageType::video && message.payload.data()[1] == 1) times.push_back(message.time_ms);
  }
  for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[i - 1] == 40);
}

TEST_CASE("with muxrate a stream is sent at a constant rate, its clock by that rate", "[scenario][forward][udp]") {
  constexpr double rate = 2'000'000;
  Receiver receiver;
  LiveServer near(forward_to("udp://127.0.0.1:" + std::to_string(receiver.port()) + "?muxrate=2M"), with_api);
  Camera camera(near);
  REQUIRE(test::soon([&] {
    camera.send(1);
    return is_sending(near);
  }));
  using Clock = std::chrono::steady_clock;
  std::vector<std::pair<double, std::size_t>> arrivals;  // seconds, datagrams so far
  test::ByteVector all;
  const auto begin = Clock::now();
  auto next = begin;
  std::size_t count = 0;
  const auto now = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  while (now() < 6) {
    if (Clock::now() >= next) {
      camera.send(1);
      next += 40ms;
    }
    for (const auto& one : receiver.read(0)) {
      REQUIRE(one.size() == 1316);
      all.insert(all.end(), one.begin(), one.end());
      ++count;
    }
    arrivals.emplace_back(now(), count);
    ::poll(nullptr, 0, 5);
  }
  // The line through all of them, behind the first half second: late looks do not matter.
  std::erase_if(arrivals, [](const auto& one) { return one.first < 0.5; });
  double mean_time = 0, mean_count = 0, above = 0, below = 0;
  for (const auto& [time, datagrams] : arrivals) {
    mean_time += time / static_cast<double>(arrivals.size());
    mean_count += static_cast<double>(datagrams) / static_cast<double>(arrivals.size());
  }
  for (const auto& [time, datagrams] : arrivals) {
    above += (time - mean_time) * (static_cast<double>(datagrams) - mean_count);
    below += (time - mean_time) * (time - mean_time);
  }
  const double measured = above / below * 1316 * 8;
  INFO(measured);
  CHECK(std::abs(measured - rate) < rate * 0.01);
  // Each clock reference is where the bytes since the first say, to 500 ns.
  std::optional<std::pair<std::size_t, std::uint64_t>> first;
  std::size_t references = 0;
  for (std::size_t at = 0; at < all.size(); at += 188) {
    const auto packet = ts::parse_packet(base::Bytes(all).subspan(at));
    REQUIRE(packet.has_value());
    if (!packet->pcr) continue;
    if (packet->discontinuity) first.reset();  // a machine that stood still for half a second
    if (!first) first.emplace(at, *packet->pcr);
    const double ideal = static_cast<double>(at - first->first) * 8 / rate;
    const double told = static_cast<double>(*packet->pcr - first->second) / 27e6;
    REQUIRE(std::abs(told - ideal) < 500e-9);
    ++references;
  }
  CHECK(references > 120);
  CHECK(forwards(near)[0]["drops"] == 0);
  const auto file = test::read_ts(all);
  CHECK(file.count(media::TrackId::video) > 100);
}

TEST_CASE("a muxrate that is too low drops what it has no room for, and counts it", "[scenario][forward][udp]") {
  Receiver receiver;
  LiveServer near(forward_to("udp://127.0.0.1:" + std::to_string(receiver.port()) + "?bitrate=100k"), with_api);
  RtmpPeer publisher(near.rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  std::uint32_t i = 0;
  CHECK(test::soon([&] {
    publisher.send_frame(i * 40, i % 25 == 0, 8000);
    ++i;
    const auto all = forwards(near);
    return all.size() == 1 && all[0]["drops"].get<std::uint64_t>() > 100;
  }));
}

TEST_CASE("two streams do not go to one port, and a way that is not there is told", "[scenario][forward][udp]") {
  Receiver receiver;
  LiveServer near(forward_to("udp://127.0.0.1:" + std::to_string(receiver.port())), with_api);
  auto first = std::make_unique<Camera>(near, "first");
  REQUIRE(test::soon([&] { return is_sending(near); }));
  Camera second(near, "second");
  REQUIRE(test::soon([&] { return told(near, "second", "state") == "waiting"; }));
  CHECK(told(near, "second", "error").starts_with("another stream is sent to this address and port"));
  SECTION("until the other one ends") {
    first.reset();
    CHECK(test::soon([&] {
      second.send(1);  // a publisher that is silent is ended
      return told(near, "second", "state") == "sending";
    }));
  }
  SECTION("a reload to an interface that does not exist") {
    near.reload(forward_to("udp://239.255.7.7:5000?interface=none7"), with_api);
    CHECK(test::soon([&] { return told(near, "second", "error").find("No such device") != std::string::npos; }));
  }
}

}  // namespace weir::test::udp_forward_test
