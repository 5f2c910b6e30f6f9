#include "proto/stun/message.h"
#include "session/webrtc/transport.h"
#include "support/catch.h"

namespace weir::test::transport_tcp_test {

using namespace std::chrono_literals;
using session::webrtc::first_tcp;
using session::webrtc::ListenerIndex;
using session::webrtc::Transport;
using session::webrtc::Way;

namespace {

const std::string password(32, 'p');

struct Nowhere final : session::webrtc::DatagramOut {
  void send(const Way& on, base::Bytes, std::size_t) override { last = on; }
  Way last;
};

Way connection(std::uint32_t number) {
  return {net::udp_address("192.0.2.9", static_cast<std::uint16_t>(40'000 + number)).value(),
          net::udp_address("192.0.2.1", 8000).value(), ListenerIndex{first_tcp + number}};
}

base::Buffer check() {
  return stun::Writer(stun::MessageType::binding_request, {1, 2, 3})
      .username("ours:theirs")
      .priority(1)
      .use_candidate()
      .controlling(1)
      .finish(password);
}

}  // namespace

TEST_CASE("a peer may come by TCP again and again", "[webrtc]") {
  const std::shared_ptr<const dtls::Identity> identity = *dtls::Identity::make(std::chrono::system_clock::now());
  const srtp::Algorithms algorithms;
  session::webrtc::SendBatch batch;
  Nowhere out;
  net::Meter meter;
  base::Instant now{1000s};
  Transport transport({.identity = identity,
                       .algorithms = algorithms,
                       .batch = batch,
                       .out = out,
                       .meter = meter,
                       .local = {"ours", password},
                       .remote = {"theirs", "-"}},
                      now);
  for (std::uint32_t number = 0; number < 100; ++number) {
    INFO(number);
    base::Buffer datagram = check();
    REQUIRE(transport.input({datagram.data(), datagram.size()}, connection(number), now));
    now += 2s;
    datagram = check();
    REQUIRE(transport.input({datagram.data(), datagram.size()}, connection(number), now));
    CHECK(transport.selected() == connection(number));
    transport.lost(connection(number), now);
  }
  // Those that are all open at a time are few.
  int verified = 0;
  for (std::uint32_t number = 200; number < 300; ++number) {
    base::Buffer datagram = check();
    verified += transport.input({datagram.data(), datagram.size()}, connection(number), now);
  }
  CHECK(verified == 16);
}

TEST_CASE("a peer whose one way is gone has some seconds to come by another", "[webrtc]") {
  const std::shared_ptr<const dtls::Identity> identity = *dtls::Identity::make(std::chrono::system_clock::now());
  const srtp::Algorithms algorithms;
  session::webrtc::SendBatch batch;
  Nowhere out;
  net::Meter meter;
  const base::Instant start{1000s};
  Transport transport({.identity = identity,
                       .algorithms = algorithms,
                       .batch = batch,
                       .out = out,
                       .meter = meter,
                       .local = {"ours", password},
                       .remote = {"theirs", "-"}},
                      start);
  base::Buffer datagram = check();
  REQUIRE(transport.input({datagram.data(), datagram.size()}, connection(1), start));
  transport.lost(connection(1), start);
  (void)transport.tick(start + 1s);
  CHECK_FALSE(transport.over());
  (void)transport.tick(start + 7s);
  CHECK(transport.over());
  CHECK(transport.why_over() == session::webrtc::Errc::left);
}

}  // namespace weir::test::transport_tcp_test
