#include "proto/dtls/endpoint.h"

#include <deque>

#include "proto/srtp/session.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::endpoint_test {

using namespace std::chrono_literals;
using dtls::Endpoint;
using dtls::Role;

namespace {

using Key = dtls::Identity::Key;

std::shared_ptr<const dtls::Identity> identity(Key key = Key::ecdsa_p256) {
  auto made = dtls::Identity::make(std::chrono::system_clock::now(), key);
  REQUIRE(made.has_value());
  return *made;
}

std::vector<dtls::Fingerprint> print_of(const std::shared_ptr<const dtls::Identity>& identity) {
  return {{"SHA-256", identity->fingerprint()}};
}

// OpenSSL has a clock of its own and counts what is due within 15 ms as due: with this a lost flight is repeated after
// a real millisecond or two, while the limits run on the test's clock.
constexpr auto repeat = 16ms;

// Two endpoints and a network between them that loses what `lose` says; the test's time passes in steps of 10 ms.
struct Pair {
  std::shared_ptr<const dtls::Identity> ours = identity(), theirs = identity();
  Endpoint server{ours, Role::server, print_of(theirs), repeat};
  Endpoint client{theirs, Role::client, print_of(ours), repeat};
  base::Instant now{1h};
  unsigned sent = 0;
  std::size_t longest = 0;
  base::ErrorCode server_error, client_error;

  template <class Lose>
  bool run(Lose lose, std::chrono::milliseconds most = 12s) {
    client.start(now);
    server.start(now);
    const auto pace = std::chrono::steady_clock::now();
    for (const auto end = now + most; now < end; now = following(pace)) {
      bool moved = true;
      while (moved) {
        moved = false;
        for (const auto& datagram : client.take_output())
          moved = deliver(datagram, server, server_error, lose) || moved;
        for (const auto& datagram : server.take_output())
          moved = deliver(datagram, client, client_error, lose) || moved;
      }
      if (client.established() && server.established()) return true;
      if (client.failed() && server.failed()) return false;
      note(client.tick(now), client_error);
      note(server.tick(now), server_error);
    }
    return false;
  }
  // The test's clock goes ten times as fast as the real one.
  base::Instant following(std::chrono::steady_clock::time_point began) const {
    return base::Instant{1h} + 10 * (std::chrono::steady_clock::now() - began);
  }
  template <class Lose>
  bool deliver(const base::Buffer& datagram, Endpoint& to, base::ErrorCode& error, Lose lose) {
    longest = std::max(longest, datagram.size());
    if (lose(sent++)) return false;
    note(to.input(datagram, now), error);
    return true;
  }
  static void note(const base::Result<void>& result, base::ErrorCode& error) {
    if (!result && !error) error = result.error();
  }
};

const auto nothing_lost = [](unsigned) { return false; };

}  // namespace

TEST_CASE("both ends of a handshake have the keys of both directions", "[dtls]") {
  Pair pair;
  REQUIRE(pair.run(nothing_lost));
  CHECK(pair.longest <= dtls::datagram_mtu);
  const auto server = pair.server.take_keys(), client = pair.client.take_keys();
  CHECK(server.profile == srtp::Profile::aead_aes_128_gcm);
  CHECK(server.local_key == client.remote_key);
  CHECK(server.local_salt == client.remote_salt);
  CHECK(server.remote_key == client.local_key);
  CHECK(server.remote_salt == client.local_salt);
  CHECK(server.local_key != server.remote_key);
  CHECK(server.local_key.size() == 16);
  CHECK(server.local_salt.size() == 12);
  CHECK_FALSE(pair.server.next_timeout(pair.now).has_value());
}

TEST_CASE("an RSA certificate serves in either role", "[dtls]") {
  const auto rsa = identity(Key::rsa_2048);
  CHECK(rsa->key_kind() == "RSA 2048");
  for (const bool serves : {true, false}) {
    Pair pair{.ours = serves ? rsa : identity(), .theirs = serves ? identity() : rsa};
    REQUIRE(pair.run(nothing_lost));
    CHECK(pair.longest <= dtls::datagram_mtu);
    CHECK(pair.server.take_keys().local_key == pair.client.take_keys().remote_key);
  }
}

TEST_CASE("any one lost datagram costs a repetition, not the handshake", "[dtls]") {
  for (unsigned lost = 0; lost < 10; ++lost) {
    Pair pair;
    CHECK(pair.run([&](unsigned number) { return number == lost; }));
    CHECK(pair.sent < 40);
  }
}

TEST_CASE("a handshake survives a network that loses every other datagram for a while", "[dtls]") {
  Pair pair;
  CHECK(pair.run([](unsigned number) { return number < 12 && number % 2 == 0; }));
}

TEST_CASE("a peer that never answers is given up after the limit", "[dtls]") {
  Pair pair;
  CHECK_FALSE(pair.run([](unsigned) { return true; }, 11s));
  CHECK(pair.client_error == dtls::Errc::timed_out);
  CHECK(pair.server_error == dtls::Errc::timed_out);
  CHECK(pair.sent < 40);  // the repetitions slow down
}

TEST_CASE("a peer with another certificate than its SDP announced is refused and told", "[dtls]") {
  Pair pair;
  auto foreign = identity();
  Endpoint strict(pair.ours, Role::server, print_of(foreign));
  base::ErrorCode error;
  pair.client.start(pair.now);
  for (int round = 0; round < 20 && !strict.failed(); ++round) {
    for (const auto& datagram : pair.client.take_output()) Pair::note(strict.input(datagram, pair.now), error);
    for (const auto& datagram : strict.take_output()) (void)pair.client.input(datagram, pair.now);
  }
  CHECK(error == dtls::Errc::fingerprint_mismatch);
  CHECK(strict.failed());
  CHECK_FALSE(strict.established());
}

TEST_CASE("leaving is told to the peer", "[dtls]") {
  Pair pair;
  REQUIRE(pair.run(nothing_lost));
  pair.client.close();
  base::ErrorCode error;
  for (const auto& datagram : pair.client.take_output()) Pair::note(pair.server.input(datagram, pair.now), error);
  CHECK(error == dtls::Errc::closed_by_peer);
}

TEST_CASE("foreign, cut and repeated datagrams do not end a handshake", "[dtls]") {
  Pair pair;
  pair.client.start(pair.now);
  pair.server.start(pair.now);
  for (int round = 0; round < 200 && !(pair.client.established() && pair.server.established()); ++round) {
    (void)pair.client.tick(pair.now);
    (void)pair.server.tick(pair.now);
    for (const auto& datagram : pair.client.take_output()) {
      for (std::size_t size = 0; size < datagram.size(); size += 7) {
        (void)pair.server.input(base::Bytes(datagram).first(size), pair.now);
      }
      (void)pair.server.input(test::bytes("80600001000000000000002a"), pair.now);  // RTP
      (void)pair.server.input(test::bytes("16feff0000000000000000 ffff 010203"), pair.now);
      (void)pair.server.input(datagram, pair.now);
      (void)pair.server.input(datagram, pair.now);
    }
    for (const auto& datagram : pair.server.take_output()) {
      (void)pair.client.input(datagram, pair.now);
      (void)pair.client.input(datagram, pair.now);
    }
  }
  CHECK(pair.client.established());
  CHECK(pair.server.established());
}

}  // namespace weir::test::endpoint_test
