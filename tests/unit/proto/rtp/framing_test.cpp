#include "proto/rtp/framing.h"

#include <string>

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::framing_test {

using test::bytes;

namespace {

struct Machine {
  rtp::FrameReader reader{8};
  std::string got;  // packets as text, each behind a blank
  bool failed = false;
};

void feed(Machine& machine, base::Bytes piece) {
  if (machine.failed) return;
  machine.reader.input(piece);
  for (;;) {
    const auto packet = machine.reader.next();
    machine.failed = !packet;
    if (!packet || !*packet) return;
    machine.got += " " + test::hex(**packet);
  }
}

}  // namespace

TEST_CASE("packets are found behind their lengths, however they were cut", "[rtp]") {
  // RFC 4571 2: LENGTH, then the packet; of no bytes it is none
  const auto wire = bytes("0003 010203  0000  0001 ff  0008 0001020304050607");
  test::feed_every_way(
      wire, [] { return Machine(); }, feed,
      [](const Machine& machine) {
        CHECK_FALSE(machine.failed);
        CHECK(machine.got == " 010203 ff 0001020304050607");
        CHECK(machine.reader.rest().empty());
      });
}

TEST_CASE("a packet that is too long ends the stream before it is there", "[rtp]") {
  test::feed_every_way(
      bytes("0001 ff 0009 00"), [] { return Machine(); }, feed,
      [](const Machine& machine) {
        CHECK(machine.failed);
        CHECK(machine.got == " ff");
      });
  rtp::FrameReader reader(8);
  reader.input(bytes("0009"));
  CHECK(reader.next().error() == rtp::Errc::frame_too_long);
}

TEST_CASE("a length that is written is read", "[rtp]") {
  std::uint8_t head[rtp::frame_head_bytes];
  rtp::write_frame_head(head, 1234);
  CHECK(test::hex(head) == "04d2");
}

}  // namespace weir::test::framing_test
