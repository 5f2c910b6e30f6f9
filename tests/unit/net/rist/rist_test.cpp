#include <future>

#include "net/rist/link.h"
#include "net/worker_pool.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/even_port.h"
#include "support/soon.h"

namespace weir::test::rist_test {

// Both ends of RIST on our own machine, over librist.
using namespace std::chrono_literals;

namespace {

// One end each, on a worker of their own.
class Pair {
 public:
  Pair(net::RistSettings receives, net::RistSettings sends) {
    worker.start();
    on_worker([&] {
      receiver = open<net::RistReceiver>(receives);
      sender = open<net::RistSender>(sends);
    });
  }
  ~Pair() {
    on_worker([&] {
      receiver.reset();
      sender.reset();
    });
    worker.stop();
  }
  template <class Work>
  void on_worker(Work work) {
    std::promise<void> done;
    worker.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::uint32_t peers() {
    std::uint32_t count = 0;
    on_worker([&] { count = sender ? sender->peers() : 0; });
    return count;
  }
  // Of what has come, in one piece each.
  std::vector<test::ByteVector> take() {
    std::vector<test::ByteVector> all;
    on_worker([&] {
      net::RistReceiver::Packet packet{};
      while (receiver->take(packet)) all.emplace_back(packet.payload.begin(), packet.payload.end());
    });
    return all;
  }
  // What comes of so many that are sent, until the last of them has come.
  std::vector<test::ByteVector> carry(std::size_t count) {
    std::vector<test::ByteVector> got;
    if (!test::soon([&] { return peers() > 0; })) return got;
    for (std::size_t i = 0; i < count; ++i) {
      on_worker([&] { (void)sender->write(test::repeat(static_cast<std::uint8_t>(i), 1316)); });
    }
    test::soon([&] {
      for (auto& one : take()) got.push_back(std::move(one));
      return !got.empty() && got.back() == test::repeat(static_cast<std::uint8_t>(count - 1), 1316);
    });
    return got;
  }

  bool try_receiver(const net::RistSettings& settings) {
    receiver = open<net::RistReceiver>(settings);
    return receiver != nullptr;
  }

  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::RistLibrary library;
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  std::unique_ptr<net::RistReceiver> receiver;
  std::unique_ptr<net::RistSender> sender;
  std::atomic<int> changes{0};

 private:
  template <class Link>
  std::unique_ptr<Link> open(const net::RistSettings& settings) {
    auto made = Link::open(
        {.worker = worker, .library = library, .settings = settings, .log = {logger.get(), {}, {}}, .changed = [this] {
           ++changes;
         }});
    return made ? std::move(*made) : nullptr;
  }
};

net::RistSettings at(std::uint16_t port, bool listens) {
  net::RistSettings settings;
  settings.listens = listens;
  settings.address = *net::udp_address("127.0.0.1", port);
  settings.buffer_min = settings.buffer_max = 100ms;
  return settings;
}

}  // namespace

TEST_CASE("packets go from one end of RIST to the other, in order", "[rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t port = test::free_even_port();
  net::RistSettings receives = at(port, true), sends = at(port, false);
  SECTION("main profile") {}
  SECTION("simple profile") { receives.simple = sends.simple = true; }
  SECTION("with a key of 128 bits") { receives.secret = sends.secret = "a secret of ours"; }
  SECTION("with a key of 256 bits") {
    receives.secret = sends.secret = "a secret of ours";
    receives.aes_bits = sends.aes_bits = 256;
  }
  SECTION("the receiver calls") { std::swap(receives.listens, sends.listens); }
  Pair pair(receives, sends);
  REQUIRE(pair.receiver);
  REQUIRE(pair.sender);
  const auto got = pair.carry(100);
  // The library begins a flow of the simple profile with the second packet that it sees.
  const std::size_t first = receives.simple ? 1 : 0;
  REQUIRE(got.size() >= 100 - first);
  for (std::size_t i = 0; i < got.size(); ++i) {
    CHECK(got[i] == test::repeat(static_cast<std::uint8_t>(i + 100 - got.size()), 1316));
  }
  CHECK(pair.changes > 0);
  CHECK(test::soon([&] {
    std::uint64_t counted = 0;
    pair.on_worker([&] { counted = pair.receiver->figures().received_packets; });
    return counted + 2 >= got.size();
  }));
}

TEST_CASE("a receiver that was called learns that the sender has left", "[rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t port = test::free_even_port();
  net::RistSettings receives = at(port, true);
  receives.session_timeout = 250ms;
  Pair pair(receives, at(port, false));
  REQUIRE(pair.receiver);
  REQUIRE(pair.carry(10).size() == 10);
  pair.on_worker([&] { pair.sender.reset(); });
  CHECK(test::soon([&] {
    bool lost = false;
    pair.on_worker([&] { lost = pair.receiver->lost(); });
    return lost;
  }));
}

TEST_CASE("nothing is read with another secret", "[rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t port = test::free_even_port();
  net::RistSettings receives = at(port, true), sends = at(port, false);
  receives.secret = "a secret of ours";
  sends.secret = "a secret of others";
  Pair pair(receives, sends);
  REQUIRE(pair.receiver);
  CHECK(test::soon([&] {
    std::uint64_t unread = 0;
    pair.on_worker([&] {
      (void)pair.sender->write(test::repeat(7, 1316));
      unread = pair.receiver->figures().undecrypted;
    });
    return unread > 0;
  }));
  CHECK(pair.peers() == 0);
  CHECK(pair.take().empty());
}

TEST_CASE("a port of RIST is one receiver's, and free again when that is gone", "[rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t port = test::free_even_port();
  Pair pair(at(port, true), at(port, true));
  CHECK(pair.receiver);
  CHECK_FALSE(pair.sender);
  pair.on_worker([&] { pair.receiver.reset(); });
  CHECK(test::soon([&] {
    bool open = false;
    pair.on_worker([&] { open = pair.try_receiver(at(port, true)); });
    return open;
  }));
}

TEST_CASE("packets go two ways at once, and by one of them when nobody is at the other", "[rist]") {
  if (!net::RistLibrary::is_there()) return;
  const std::uint16_t one = test::free_even_port(), other = test::free_even_port();
  if (one == other) return;
  net::RistSettings receives = at(one, true), sends = at(one, false);
  sends.more = {at(other, false)};
  bool both = false;
  SECTION("both are there") {
    receives.more = {at(other, true)};
    both = true;
  }
  SECTION("one is not") {}
  Pair pair(receives, sends);
  REQUIRE(pair.receiver);
  REQUIRE(pair.sender);
  if (both) REQUIRE(test::soon([&] { return pair.peers() == 2; }));
  const auto got = pair.carry(100);
  REQUIRE(got.size() == 100);  // each once
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == test::repeat(static_cast<std::uint8_t>(i), 1316));
  std::vector<net::TransportFigures::Peer> sent, received;
  CHECK(test::soon([&] {
    pair.on_worker([&] {
      if (const auto peers = pair.sender->figures().peers) sent = *peers;
      if (const auto peers = pair.receiver->figures().peers) received = *peers;
    });
    return sent.size() == 2 && sent[0].sent_packets >= 100 && received.size() == (both ? 2U : 1U) &&
           received[0].received_packets >= 100;
  }));
  CHECK(sent.at(0).address == "127.0.0.1:" + std::to_string(one));
  CHECK(sent.at(1).there == both);
  // The ports are given back together, and taken together.
  pair.on_worker([&] { CHECK_FALSE(pair.try_receiver(receives)); });
}

}  // namespace weir::test::rist_test
