#include "session/gb28181/media_framing.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::media_framing_test {

using session::gb28181::MediaErrc;
using session::gb28181::MediaFraming;
using test::bytes;
using test::operator+;

namespace {

struct Machine {
  MediaFraming framing;
  std::vector<std::string> packets;
  base::ErrorCode failed;
};
void feed(Machine& machine, base::Bytes piece) {
  if (machine.failed) return;
  machine.framing.input(piece);
  for (;;) {
    const auto packet = machine.framing.next();
    if (!packet) {
      machine.failed = packet.error();
      return;
    }
    if (!*packet) return;
    machine.packets.push_back(test::hex(**packet));
  }
}

}  // namespace

TEST_CASE("packets behind a length, and behind a dollar sign", "[gb28181]") {
  const auto first = bytes("8060000100000e10000000ab 01"), second = bytes("80e0000200000e10000000ab 0203");
  const auto dollar = GENERATE(false, true);
  const auto wire = dollar ? bytes("24 00 000d") + first + bytes("24 01 000e") + second
                           : bytes("000d") + first + bytes("000e") + second;
  test::feed_every_way(
      wire, [] { return Machine(); }, feed,
      [&](const Machine& machine) {
        CHECK_FALSE(machine.failed);
        CHECK(machine.packets == std::vector<std::string>{test::hex(first), test::hex(second)});
      });
}

TEST_CASE("a packet as long as the length can say", "[gb28181]") {
  auto packet = test::repeat(0x55, 65'535);
  packet[0] = 0x80;
  Machine machine;
  feed(machine, bytes("ffff"));
  for (std::size_t at = 0; at < packet.size(); at += 10'000) {
    feed(machine, base::Bytes(packet).subspan(at, std::min<std::size_t>(10'000, packet.size() - at)));
  }
  REQUIRE(machine.packets.size() == 1);
  CHECK(machine.packets[0].size() == 2 * packet.size());
}

TEST_CASE("what stands before a packet must be a length", "[gb28181]") {
  const auto failure = [](const test::ByteVector& wire) {
    Machine machine;
    feed(machine, wire);
    return machine.failed;
  };
  CHECK(failure(bytes("0000 0000 00")) == MediaErrc::frame_of_no_length);
  CHECK(failure(bytes("0003 800102 0000 00")) == MediaErrc::frame_of_no_length);
  CHECK(failure(bytes("474554202f20")) == MediaErrc::no_framing);  // "GET / "
  CHECK(failure(bytes("2400 0003 800102 0003 800102")) == MediaErrc::no_framing);
}

}  // namespace weir::test::media_framing_test
