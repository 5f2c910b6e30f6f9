#include "session/webrtc/transport.h"

#include <algorithm>
#include <functional>
#include <thread>

#include "support/catch.h"
#include "support/soon.h"
#include "support/webrtc_peer.h"

namespace weir::test::transport_test {

using namespace std::chrono_literals;
using session::webrtc::Errc;
using session::webrtc::Protection;
using session::webrtc::Transport;
using session::webrtc::Way;

namespace {

const std::string server_password(32, 'p');

struct Wire final : session::webrtc::DatagramOut {
  struct Sent {
    Way way;
    base::Buffer bytes;
  };
  void send(const Way& way, base::Bytes packets, std::size_t segment) override {
    ++calls;
    while (!packets.empty()) {
      const auto one = packets.first(std::min(segment, packets.size()));
      sent.push_back({way, {}});
      sent.back().bytes.append(one);
      packets = packets.subspan(one.size());
    }
  }
  std::vector<Sent> sent;
  std::size_t calls = 0;
};

// Sends back what it is told, and a report when it begins.
struct Echo final : session::webrtc::Conversation {
  explicit Echo(session::webrtc::PacketSink& to) : sink(to) {}
  void connected(base::Instant) override { ++connects; }
  void rtp(base::SharedBytes packet, base::Instant) override {
    ++heard;
    const auto room = sink.room(packet.size());
    std::copy_n(packet.data(), packet.size(), room.begin());
    sink.put_rtp(packet.size());
  }
  void rtcp(base::Bytes, base::Instant) override { ++heard_control; }
  base::Instant tick(base::Instant now) override { return now + 1s; }
  session::webrtc::PacketSink& sink;
  int connects = 0, heard = 0, heard_control = 0;
};

Way way(std::uint16_t port) {
  return {net::udp_address("192.0.2.9", port).value(), net::udp_address("192.0.2.1", 8000).value(), {}};
}

struct Pair {
  explicit Pair(dtls::Role server_role = dtls::Role::server, bool wrong_fingerprint = false, bool keeps = true,
                Protection protection = Protection::srtp)
      : transport({.identity = server,
                   .algorithms = algorithms,
                   .batch = batch,
                   .out = wire,
                   .meter = meter,
                   .local = {"ours", server_password},
                   .remote = {"theirs", "-"},
                   .role = server_role,
                   .fingerprints = {{"sha-256", wrong_fingerprint ? server->fingerprint() : client->fingerprint()}},
                   .sources = {5, 6},
                   .keeps_association = keeps,
                   .protection = protection},
                  now),
        peer(client, server_role == dtls::Role::server ? dtls::Role::client : dtls::Role::server, server->fingerprint(),
             "ours:theirs", server_password) {
    peer.handshakes = protection != Protection::none;
    peer.encrypts = protection == Protection::srtp;
    transport.attach(echo);
  }

  bool give(base::Bytes datagram, const Way& on) {
    base::Buffer copy;
    copy.append(datagram);
    return transport.input({copy.data(), copy.size()}, on, now);
  }
  // What stands in both queues is carried to the other side, until nothing is left; `spoil` may change it.
  void carry(const std::function<void(std::vector<base::Buffer>& flight)>& spoil = {}) {
    for (int i = 0; i < 40 && (!wire.sent.empty() || !peer.out.empty()); ++i) {
      std::vector<base::Buffer> to_peer, to_us = std::exchange(peer.out, {});
      for (auto& one : std::exchange(wire.sent, {})) to_peer.push_back(std::move(one.bytes));
      if (spoil) {
        spoil(to_us);
        spoil(to_peer);
      }
      for (const auto& one : to_peer) peer.input(one, now);
      for (const auto& one : to_us) give(one, way(1));
    }
  }
  void connect() {
    give(peer.check(), way(1));
    carry();
  }
  // Until both are there; OpenSSL's clock is the real one, so that its repetitions are waited for.
  bool repeat(const std::function<void(std::vector<base::Buffer>&)>& spoil) {
    return test::soon([&] {
      now = std::chrono::steady_clock::now();
      peer.tick(now);
      transport.tick(now);
      carry(spoil);
      return up();
    });
  }
  bool up() const { return peer.up() && transport.state() == Transport::State::up; }

  base::Instant now = std::chrono::steady_clock::now();
  std::shared_ptr<const dtls::Identity> server = dtls::Identity::make(std::chrono::system_clock::now()).value();
  std::shared_ptr<const dtls::Identity> client = dtls::Identity::make(std::chrono::system_clock::now()).value();
  srtp::Algorithms algorithms;
  session::webrtc::SendBatch batch;
  Wire wire;
  net::Meter meter;
  Transport transport;
  test::WebRtcPeer peer;
  Echo echo{transport};
};

}  // namespace

TEST_CASE("a peer checks, shakes hands in either role, and is echoed", "[webrtc]") {
  for (const auto role : {dtls::Role::server, dtls::Role::client}) {
    Pair pair(role);
    pair.connect();
    REQUIRE(pair.up());
    CHECK(pair.echo.connects == 1);
    for (std::uint16_t i = 0; i < 10; ++i) pair.give(pair.peer.packet(9, i, 1000), way(1));
    pair.give(pair.peer.packet(10, 0, 80), way(1));  // sound rides along
    CHECK(pair.wire.sent.empty());                   // nothing leaves before the turn is over
    const auto calls = pair.wire.calls;
    pair.transport.flush();
    CHECK(pair.wire.calls == calls + 1);
    pair.carry();
    CHECK(pair.peer.packets.size() == 11);
    CHECK(pair.meter.received_packets > 11);
  }
}

TEST_CASE("media that is not encrypted goes both ways, to addresses that passed a check alone", "[webrtc]") {
  for (const auto protection : {Protection::handshake, Protection::none}) {
    Pair pair(dtls::Role::server, false, true, protection);
    const std::vector<std::uint8_t> early(100, 0x80);
    pair.give(early, way(1));
    CHECK(pair.transport.counts().strangers == 1);
    CHECK(pair.echo.heard == 0);
    pair.connect();
    REQUIRE(pair.up());
    CHECK(pair.transport.cipher() == "none");
    CHECK(pair.echo.connects == 1);
    const auto packet = pair.peer.packet(9, 1, 500);
    pair.give(packet, way(2));
    CHECK(pair.transport.counts().strangers == 2);
    pair.give(packet, way(1));
    CHECK(pair.echo.heard == 1);
    pair.transport.flush();
    pair.carry();
    REQUIRE(pair.peer.packets.size() == 1);
    CHECK(base::as_text(pair.peer.packets[0].bytes()) == base::as_text(packet.bytes()));
    // One that shakes hands where nobody does, and the good-bye.
    pair.give(std::vector<std::uint8_t>{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}, way(1));
    CHECK_FALSE(pair.transport.over());
    pair.transport.close(make_error_code(Errc::left));
    pair.carry();
    CHECK(pair.peer.control_packets.size() == 1);
  }
}

TEST_CASE("encryption that is off does not make another certificate good", "[webrtc]") {
  Pair pair(dtls::Role::server, true, true, Protection::handshake);
  pair.connect();
  REQUIRE(pair.transport.over());
  CHECK(pair.transport.why_over() == dtls::Errc::fingerprint_mismatch);
}

TEST_CASE("before a verified check nothing leaves but answers, none longer than its question", "[webrtc]") {
  Pair pair;
  const std::vector<std::uint8_t> hello{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
  const std::vector<std::uint8_t> media(100, 0x80);
  pair.give(hello, way(1));
  pair.give(media, way(1));
  CHECK(pair.wire.sent.empty());
  CHECK(pair.transport.counts().strangers == 2);

  stun::Writer nameless(stun::MessageType::binding_request, {});
  stun::Writer wrong(stun::MessageType::binding_request, {});
  for (const base::Buffer& forged : {nameless.finish({}), wrong.username("ours:theirs").finish("guessed")}) {
    pair.wire.sent.clear();
    CHECK_FALSE(pair.give(forged, way(1)));
    std::size_t back = 0;
    for (const auto& one : pair.wire.sent) back += one.bytes.size();
    CHECK(back <= forged.size());
  }
  CHECK(pair.transport.state() == Transport::State::waiting);
  CHECK_FALSE(pair.transport.selected());
}

TEST_CASE("a stranger on another address gets and does nothing; the peer that moves is followed", "[webrtc]") {
  Pair pair;
  pair.connect();
  REQUIRE(pair.up());
  const auto packet = pair.peer.packet(9, 1, 500);
  pair.give(packet, way(2));  // no check came from there
  CHECK(pair.echo.heard == 0);
  CHECK(pair.transport.selected()->remote.port == 1);

  pair.now += 3s;
  CHECK(pair.give(pair.peer.check(), way(2)));
  CHECK(pair.transport.selected()->remote.port == 2);
  CHECK(pair.transport.counts().moves == 1);
  pair.give(packet, way(2));
  CHECK(pair.echo.heard == 1);
  pair.wire.sent.clear();
  pair.transport.flush();
  REQUIRE(pair.wire.sent.size() == 1);
  CHECK(pair.wire.sent[0].way == way(2));
}

TEST_CASE("replayed, forged and garbled packets are counted and end nothing", "[webrtc]") {
  Pair pair;
  pair.connect();
  REQUIRE(pair.up());
  auto packet = pair.peer.packet(9, 1, 500);
  pair.give(packet, way(1));
  pair.give(packet, way(1));
  packet.data()[100] ^= 1U;
  packet.data()[3] = 7;
  pair.give(packet, way(1));
  pair.give(std::vector<std::uint8_t>(20, 0xf0), way(1));
  CHECK(pair.echo.heard == 1);
  CHECK(pair.transport.counts().replays == 1);
  CHECK(pair.transport.counts().forged == 1);
  CHECK(pair.transport.counts().garbled == 1);
  CHECK(pair.up());
}

TEST_CASE("a certificate that the offer did not announce ends the session", "[webrtc]") {
  Pair pair(dtls::Role::server, true);
  pair.connect();
  REQUIRE(pair.transport.over());
  CHECK(pair.transport.why_over() == dtls::Errc::fingerprint_mismatch);
  CHECK(pair.echo.connects == 0);
}

TEST_CASE("flights that are lost, repeated, reversed or damaged cost time, not the session", "[webrtc]") {
  for (const auto role : {dtls::Role::server, dtls::Role::client}) {
    SECTION(role == dtls::Role::server ? "server" : "client") {
      const std::vector<std::function<void(std::vector<base::Buffer>&, int)>> faults = {
          [](auto& flight, int turn) {
            if (turn < 3) flight.clear();
          },
          [](auto& flight, int) {
            const auto again = flight;
            for (const auto& one : again) flight.push_back(one);
          },
          [](auto& flight, int) { std::reverse(flight.begin(), flight.end()); },
          [](auto& flight, int turn) {
            // The length of a record; what stands in the clear behind it is covered by the handshake's end alone.
            if (turn < 3) flight[0].data()[11] ^= 0x55U;
          },
      };
      for (const auto& fault : faults) {
        Pair pair(role);
        int turn = 0;
        const auto spoil = [&](std::vector<base::Buffer>& flight) {
          const bool dtls = !flight.empty() && dtls::looks_like_dtls(flight[0]);
          if (dtls) fault(flight, turn++);
        };
        pair.give(pair.peer.check(), way(1));
        pair.carry(spoil);
        CHECK(pair.repeat(spoil));
      }
    }
  }
}

TEST_CASE("a session that is left alone at any step ends in its time and says why", "[webrtc]") {
  Pair none;
  CHECK(none.transport.tick(none.now + 9s) <= none.now + 10s);
  none.transport.tick(none.now + 10s);
  CHECK(none.transport.why_over() == Errc::no_check);

  Pair checked;
  checked.give(checked.peer.check(), way(1));
  checked.transport.tick(checked.now + 10s);
  CHECK(checked.transport.why_over() == dtls::Errc::timed_out);

  Pair up(dtls::Role::server, false, false);
  up.connect();
  REQUIRE(up.up());
  up.now += 6s;
  up.transport.tick(up.now);  // no consent: media stops
  up.give(up.peer.packet(9, 1, 10), way(1));
  up.transport.tick(up.now);
  CHECK(up.transport.counts().dropped == 0);
  up.now += 6s;
  up.transport.tick(up.now);
  up.transport.room(100);
  up.transport.put_rtp(100);
  CHECK(up.transport.counts().dropped == 1);
  up.now += 30s;
  up.transport.tick(up.now);
  CHECK(up.transport.why_over() == Errc::gone_silent);
}

TEST_CASE("both sides say good-bye, and a peer's is heard even when DTLS is put away", "[webrtc]") {
  Pair ours;
  ours.connect();
  REQUIRE(ours.up());
  ours.transport.close(Errc::deleted);
  CHECK(ours.transport.over());
  ours.carry();
  REQUIRE(ours.peer.control_packets.size() == 1);
  CHECK(ours.peer.control_packets[0].size() == 8 + 8 + 8);  // an empty report, two good-byes
  CHECK(ours.peer.fault);                                   // closed by its peer

  Pair theirs;
  theirs.connect();
  theirs.peer.close();
  theirs.carry();
  CHECK(theirs.transport.why_over() == Errc::left);

  Pair later(dtls::Role::server, false, false);
  later.connect();
  later.now += 4s;
  later.give(later.peer.check(), way(1));
  later.now += 2s;
  later.transport.tick(later.now);  // the association is dropped here
  later.peer.close();
  later.carry();
  CHECK_FALSE(later.transport.over());
  later.now += 6s;
  later.transport.tick(later.now);
  CHECK(later.transport.why_over() == Errc::left);
}

}  // namespace weir::test::transport_test
