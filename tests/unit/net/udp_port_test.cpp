#include "net/udp_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include "net/udp_sockaddr.h"
#include "net/worker.h"
#include "support/catch.h"

namespace weir::test::udp_port_test {

using namespace std::chrono_literals;

namespace {

struct Got {
  std::vector<std::uint8_t> bytes;
  net::UdpAddress from, to;
};

// A port on a worker, and what came to it.
class Listening {
 public:
  explicit Listening(const std::string& host, net::UdpPort::Options options = {}) {
    auto sockets = net::UdpSocket::open({host, 0}, 1);
    REQUIRE(sockets.has_value());
    address_ = sockets->front().local();
    port_ = std::make_shared<net::UdpPort>(worker_, std::move(sockets->front()), options);
    worker_.post([this] {
      worker_.spawn("udp", [this](net::Life& life) {
        return net::UdpPort::receive(life, port_, [this](net::UdpPort&, const net::Datagram& datagram) {
          if (failures_-- > 0) throw std::bad_alloc();
          const std::lock_guard lock(mutex_);
          got_.push_back({{datagram.bytes.begin(), datagram.bytes.end()}, datagram.from, datagram.to});
          changed_.notify_all();
        });
      });
    });
    worker_.start();
  }
  ~Listening() { worker_.stop(); }

  std::vector<Got> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 5s, [&] { return got_.size() >= count; });
    return got_;
  }
  void send(const net::UdpAddress& to, const net::UdpAddress& from, std::vector<std::uint8_t> bytes,
            std::size_t segment) {
    worker_.post([this, to, from, bytes = std::move(bytes), segment] { port_->send(to, from, bytes, segment); });
  }
  net::UdpPort::Counts counts() {
    std::promise<net::UdpPort::Counts> counts;
    worker_.post([&] { counts.set_value(port_->counts()); });
    return counts.get_future().get();
  }
  // For so many datagrams from now on there is no memory.
  void fail(int datagrams) { failures_ = datagrams; }
  std::uint64_t out_of_memory() {
    std::promise<std::uint64_t> count;
    worker_.post([&] { count.set_value(worker_.out_of_memory_count()); });
    return count.get_future().get();
  }
  net::UdpAddress at(const std::string& ip) const { return net::udp_address(ip, address_.port).value(); }

 private:
  std::unique_ptr<log::Logger> logger_ = log::Logger::make_silent();
  net::Worker worker_{base::WorkerIndex{0}, logger_.get()};
  net::UdpAddress address_;
  std::shared_ptr<net::UdpPort> port_;
  std::atomic<int> failures_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Got> got_;
};

std::vector<std::uint8_t> numbered(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i / 100);
  return bytes;
}

}  // namespace

TEST_CASE("packets of one send arrive as the datagrams that they are, cut by the kernel or singly", "[net][udp]") {
  for (const bool cut : {true, false}) {
    for (const bool join : {true, false}) {
      CAPTURE(cut, join);
      Listening receiver("127.0.0.1", {.join_received = join});
      Listening sender("127.0.0.1", {.segment_sent = cut});
      const auto bytes = numbered(100 * 100 + 40);  // more than the most segments of one call
      sender.send(receiver.at("127.0.0.1"), sender.at("127.0.0.1"), bytes, 100);
      const auto got = receiver.wait_for(101);
      REQUIRE(got.size() == 101);
      for (std::size_t i = 0; i < 101; ++i) {
        REQUIRE(got[i].bytes.size() == (i == 100 ? 40 : 100));
        CHECK(got[i].bytes.front() == i);
        CHECK(got[i].from == sender.at("127.0.0.1"));
      }
      const auto counts = sender.counts();
      CHECK(counts.sent == 101);
      CHECK(counts.sent_bytes == bytes.size());
      CHECK(counts.send_drops == 0);
      CHECK(counts.send_calls == (cut ? 2 : 7));
      CHECK(receiver.counts().received == 101);
    }
  }
}

TEST_CASE("datagrams for which there is no memory are lost, and the port stays open", "[net][udp]") {
  Listening receiver("127.0.0.1");
  Listening sender("127.0.0.1");
  receiver.fail(2);
  sender.send(receiver.at("127.0.0.1"), {}, numbered(250), 100);
  const auto got = receiver.wait_for(1);
  REQUIRE(got.size() == 1);
  CHECK(got.front().bytes.size() == 50);
  CHECK(receiver.out_of_memory() == 2);
}

TEST_CASE("datagrams of no byte and of the most bytes pass", "[net][udp]") {
  Listening receiver("127.0.0.1");
  Listening sender("127.0.0.1");
  sender.send(receiver.at("127.0.0.1"), {}, {}, 1);
  sender.send(receiver.at("127.0.0.1"), {}, numbered(65'507), 65'507);
  const auto got = receiver.wait_for(2);
  REQUIRE(got.size() == 2);
  CHECK(got[0].bytes.empty());
  CHECK(got[1].bytes == numbered(65'507));
}

TEST_CASE("an answer leaves from the address that was asked, in both families", "[net][udp]") {
  Listening v4("0.0.0.0");
  Listening client("0.0.0.0");
  // Of the loopback network; a kernel that is left the choice would answer from 127.0.0.1.
  client.send(v4.at("127.0.0.5"), client.at("127.0.0.9"), {1}, 1);
  const auto asked = v4.wait_for(1);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].to == v4.at("127.0.0.5"));
  CHECK(asked[0].from == client.at("127.0.0.9"));
  v4.send(asked[0].from, asked[0].to, {2}, 1);
  const auto answered = client.wait_for(1);
  REQUIRE(answered.size() == 1);
  CHECK(answered[0].from == v4.at("127.0.0.5"));

  Listening v6("::"), other("::");
  other.send(v6.at("::1"), {}, {1}, 1);
  const auto got = v6.wait_for(1);
  REQUIRE(got.size() == 1);
  CHECK(got[0].to == v6.at("::1"));
  v6.send(got[0].from, got[0].to, numbered(300), 100);
  CHECK(other.wait_for(3).size() == 3);
}

TEST_CASE("a port that another has is refused, and one of ours is shared by all workers", "[net][udp]") {
  auto first = net::UdpSocket::open({"127.0.0.1", 0}, 3);
  REQUIRE(first.has_value());
  CHECK(first->size() == 3);
  const std::uint16_t port = first->front().local().port;
  for (const auto& socket : *first) CHECK(socket.local().port == port);
  CHECK(first->front().receive_buffer() > 0);
  auto second = net::UdpSocket::open({"127.0.0.1", port}, 1);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error() == boost::system::errc::address_in_use);
  CHECK_FALSE(net::UdpSocket::open({"example.org", 0}, 1).has_value());
}

TEST_CASE("UDP addresses as text", "[net][udp]") {
  CHECK(net::to_text(net::udp_address("192.0.2.7", 8000).value()) == "192.0.2.7:8000");
  CHECK(net::to_text(net::udp_address("2001:db8::1", 1).value()) == "[2001:db8::1]:1");
  CHECK(net::udp_address("host", 5).has_value() == false);
  CHECK(std::hash<net::UdpAddress>()(net::udp_address("192.0.2.7", 1).value()) !=
        std::hash<net::UdpAddress>()(net::udp_address("192.0.2.7", 2).value()));
}

}  // namespace weir::test::udp_port_test
