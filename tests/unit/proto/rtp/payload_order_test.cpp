#include "proto/rtp/payload_order.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::payload_order_test {

using namespace std::chrono_literals;

namespace {

const base::Instant start{1h};

// What comes out: the number of each packet is its payload.
class Receiver {
 public:
  void feed(std::uint16_t sequence, std::uint32_t ssrc = 1, base::Instant now = start) {
    test::ByteVector datagram(14);
    rtp::write_head(datagram, {false, false, 33, sequence, 0, ssrc});
    datagram[12] = static_cast<std::uint8_t>(sequence >> 8);
    datagram[13] = static_cast<std::uint8_t>(sequence);
    const auto packet = rtp::parse(datagram);
    REQUIRE(packet.has_value());
    order.input(*packet, datagram, now, [this](base::Bytes payload) { take(payload); });
    std::fill(datagram.begin(), datagram.end(), std::uint8_t{0xee});  // whoever kept it would see that
  }
  void wait(base::Instant now) {
    order.give(now, [this](base::Bytes payload) { take(payload); });
  }
  std::vector<int> take() { return std::exchange(out_, {}); }

  rtp::PayloadOrder order{50ms};

 private:
  void take(base::Bytes payload) { out_.push_back(payload[0] << 8 | payload[1]); }
  std::vector<int> out_;
};

}  // namespace

TEST_CASE("payloads come in the order of their numbers, each once", "[rtp]") {
  Receiver receiver;
  for (const int number : {65534, 65535, 1, 1, 0, 0, 2, 4, 5, 3, 65535})
    receiver.feed(static_cast<std::uint16_t>(number));
  CHECK(receiver.take() == std::vector<int>{65534, 65535, 0, 1, 2, 3, 4, 5});
  CHECK(receiver.order.duplicates() + receiver.order.late() == 3);
  CHECK(receiver.order.lost() == 0);
  CHECK_FALSE(receiver.order.deadline());
}

TEST_CASE("a packet that is missing is waited for, and no longer", "[rtp]") {
  Receiver receiver;
  for (const int number : {10, 12, 13}) receiver.feed(static_cast<std::uint16_t>(number));
  CHECK(receiver.take() == std::vector<int>{10});
  CHECK(receiver.order.deadline() == start + 50ms);
  receiver.wait(start + 49ms);
  CHECK(receiver.take().empty());
  receiver.wait(start + 50ms);
  CHECK(receiver.take() == std::vector<int>{12, 13});
  CHECK(receiver.order.lost() == 1);
  receiver.feed(11);
  receiver.feed(14);
  CHECK(receiver.take() == std::vector<int>{14});
  CHECK(receiver.order.late() == 1);
}

TEST_CASE("a sender that begins anew is followed, and what it said before is given", "[rtp]") {
  Receiver receiver;
  for (const int number : {10, 12}) receiver.feed(static_cast<std::uint16_t>(number));
  SECTION("with another source number") {
    receiver.feed(500, 2);
    receiver.feed(501, 2);
    CHECK(receiver.take() == std::vector<int>{10, 12, 500, 501});
  }
  SECTION("with other sequence numbers, once there are two of them") {
    receiver.feed(30000);
    CHECK(receiver.take() == std::vector<int>{10});
    receiver.feed(30001);
    receiver.feed(30002);
    CHECK(receiver.take() == std::vector<int>{10 + 2, 30001, 30002});
  }
  CHECK(receiver.order.restarts() == 1);
  CHECK(receiver.order.lost() == 1);
}

TEST_CASE("what is held is bounded, whatever is sent", "[rtp]") {
  Receiver receiver;
  receiver.feed(0);
  for (int i = 0; i < 3000; ++i) receiver.feed(static_cast<std::uint16_t>(2 + i));
  const auto got = receiver.take();
  CHECK(got.size() >= 3000 - rtp::Reorder::most_held);
  CHECK(receiver.order.lost() == 1);
}

}  // namespace weir::test::payload_order_test
