#include "proto/rtp/packet.h"

#include "proto/rtp/sequence.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::packet_test {

using test::bytes;

TEST_CASE("an RTP packet with CSRC, extension and padding is read", "[rtp]") {
  // RFC 3550 5.1: V=2 P=1 X=1 CC=1, M=1 PT=96
  const auto wire = bytes(
      "b1 e0 1234 00015f90 11223344 aabbccdd"
      "bede 0002 10ff 32a1b2c3 0000"  // RFC 8285 4.2: id 1 of one byte, id 3 of three, padding
      "0102030405 000003");
  const auto packet = rtp::parse(wire);
  REQUIRE(packet.has_value());
  CHECK(packet->marker);
  CHECK(packet->payload_type == 96);
  CHECK(packet->sequence == 0x1234);
  CHECK(packet->timestamp == 90000);
  CHECK(packet->ssrc == 0x11223344);
  CHECK(test::hex(packet->payload) == "0102030405");
  REQUIRE(rtp::find_extension(*packet, 1).has_value());
  CHECK(test::hex(*rtp::find_extension(*packet, 1)) == "ff");
  REQUIRE(rtp::find_extension(*packet, 3).has_value());
  CHECK(test::hex(*rtp::find_extension(*packet, 3)) == "a1b2c3");
  CHECK_FALSE(rtp::find_extension(*packet, 2).has_value());
  CHECK_FALSE(rtp::find_extension(*packet, 0).has_value());
  for (std::size_t size = 0; size < 28; ++size) CHECK(rtp::parse(base::Bytes(wire).first(size)).has_error());
}

TEST_CASE("two-byte extensions are read", "[rtp]") {
  const auto packet_bytes = bytes("90 60 0001 00000000 00000001 1000 0002 0500 0703 a1a2a3 00 ff");
  const auto packet = rtp::parse(packet_bytes);
  REQUIRE(packet.has_value());
  REQUIRE(rtp::find_extension(*packet, 7).has_value());
  CHECK(test::hex(*rtp::find_extension(*packet, 7)) == "a1a2a3");
  REQUIRE(rtp::find_extension(*packet, 5).has_value());
  CHECK(rtp::find_extension(*packet, 5)->empty());
}

TEST_CASE("padding that is more than the packet, and other versions, are refused", "[rtp]") {
  CHECK(rtp::parse(bytes("a0 60 0001 00000000 00000001 0102ff")).error() == rtp::Errc::bad_padding);
  CHECK(rtp::parse(bytes("a0 60 0001 00000000 00000001")).error() == rtp::Errc::bad_padding);
  CHECK(rtp::parse(bytes("40 60 0001 00000000 00000001 01")).error() == rtp::Errc::bad_version);
}

TEST_CASE("a head that is written is read", "[rtp]") {
  test::ByteVector room(12);
  rtp::write_head(room, {true, false, 111, 65535, 0xfffffffe, 42});
  const auto packet = rtp::parse(room);
  REQUIRE(packet.has_value());
  CHECK(packet->marker);
  CHECK(packet->payload_type == 111);
  CHECK(packet->sequence == 65535);
  CHECK(packet->timestamp == 0xfffffffe);
  CHECK(packet->ssrc == 42);
}

TEST_CASE("sequence numbers go on over their edge", "[rtp]") {
  CHECK(rtp::newer(1, 65535));
  CHECK_FALSE(rtp::newer(65535, 1));
  CHECK(rtp::distance(65534, 2) == 4);
  rtp::Unwrapper<std::uint16_t> unwrap;
  CHECK(unwrap(65534) == 65534);
  CHECK(unwrap(2) == 65538);
  CHECK(unwrap(65535) == 65535);
  CHECK(unwrap(3) == 65539);
  rtp::Unwrapper<std::uint32_t> time;
  CHECK(time(0xffffff00U) == 0xffffff00LL);
  CHECK(time(0x100U) == 0x100000100LL);
}

}  // namespace weir::test::packet_test
