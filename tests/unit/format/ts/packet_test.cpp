#include "format/ts/packet.h"

#include <array>

#include "format/ts/packet_filler.h"
#include "format/ts/packet_finder.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::packet_test {

using namespace weir::ts;
using test::bytes;
using test::operator+;
using test::repeat;

TEST_CASE("a packet with a clock reference is read", "[ts]") {
  // 2.4.3.2: sync, unit start and PID 0x100, adaptation and payload, counter 5; adaptation of 7 bytes: random access
  // and PCR; PCR base 0x1_0000_0001, reserved bits, extension 0x101
  const auto wire = bytes("47 4100 35 07 50 80000000 ff01") + repeat(0xaa, 176);
  REQUIRE(wire.size() == 188);
  const auto packet = parse_packet(wire);
  REQUIRE(packet.has_value());
  CHECK(packet->pid == 0x100);
  CHECK(packet->unit_start);
  CHECK(packet->continuity == 5);
  CHECK(packet->random_access);
  CHECK_FALSE(packet->discontinuity);
  CHECK(packet->pcr == (std::uint64_t{0x1'0000'0001} * 300 + 0x101));
  CHECK(packet->payload.size() == 176);
}

TEST_CASE("packets that lie are refused", "[ts]") {
  CHECK(parse_packet(repeat(0x47, 187)).error() == Errc::truncated);
  CHECK(parse_packet(bytes("46 0100 10") + repeat(0, 184)).error() == Errc::no_sync_byte);
  CHECK(parse_packet(bytes("47 0100 00") + repeat(0, 184)).error() == Errc::reserved_control);
  CHECK(parse_packet(bytes("47 0100 30 b8") + repeat(0, 183)).error() == Errc::adaptation_too_long);
  // a clock reference in an adaptation field of three bytes
  CHECK(parse_packet(bytes("47 0100 30 03 10 0000") + repeat(0, 180)).error() == Errc::adaptation_too_long);
  // 0xb7 fills the packet: no payload is left, which is fine
  CHECK(parse_packet(bytes("47 0100 30 b7 00") + repeat(0xff, 182))->payload.empty());
}

TEST_CASE("a head is written as it is read, with stuffing of any length", "[ts]") {
  for (std::size_t payload = 0; payload <= payload_bytes; ++payload) {
    for (const bool clock : {false, true}) {
      PacketHead head{.pid = 0x1abc, .unit_start = true, .continuity = 9, .random_access = clock};
      if (clock) head.pcr_base = 0x1'2345'6789;
      if (payload + adaptation_bytes(head) > payload_bytes) continue;
      std::array<std::uint8_t, packet_bytes> out{};
      const std::size_t at = write_packet_head(out.data(), head, payload);
      REQUIRE(at == packet_bytes - payload);
      const auto packet = parse_packet(out);
      REQUIRE(packet.has_value());
      REQUIRE(packet->pid == 0x1abc);
      REQUIRE(packet->payload.size() == payload);
      REQUIRE(packet->has_payload == (payload != 0));
      REQUIRE(packet->random_access == clock);
      REQUIRE(packet->pcr.has_value() == clock);
      if (clock) REQUIRE(*packet->pcr == std::uint64_t{0x1'2345'6789} * 300);
    }
  }
}

TEST_CASE("a PES packet of any size is cut without a gap", "[ts]") {
  for (const std::size_t size :
       std::initializer_list<std::size_t>{1, 100, 182, 183, 184, 185, 367, 368, 369, 1000, 5000}) {
    const auto payload = [&] {
      test::ByteVector out(size);
      for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7);
      return out;
    }();
    std::vector<std::uint8_t> out((size / payload_bytes + 2) * packet_bytes);
    PacketFiller filler(out.data(), {.pid = 0x55, .unit_start = true, .continuity = 14, .random_access = true}, size);
    filler.put(base::Bytes(payload).first(size / 3));
    filler.put(base::Bytes(payload).subspan(size / 3));
    REQUIRE(filler.complete());
    const auto used = static_cast<std::size_t>(filler.end() - out.data());
    REQUIRE(used % packet_bytes == 0);
    REQUIRE(used / packet_bytes == (size <= 182 ? 1 : 1 + (size - 182 + 183) / 184));
    test::ByteVector joined;
    std::uint8_t counter = 14;
    for (std::size_t at = 0; at < used; at += packet_bytes) {
      const auto packet = parse_packet(base::Bytes(out).subspan(at));
      REQUIRE(packet.has_value());
      REQUIRE(packet->continuity == counter);
      REQUIRE(packet->unit_start == (at == 0));
      counter = static_cast<std::uint8_t>((counter + 1) & 15);
      joined.insert(joined.end(), packet->payload.begin(), packet->payload.end());
    }
    REQUIRE(filler.next_continuity() == counter);
    REQUIRE(joined == payload);
  }
}

namespace {

struct Found {
  PacketFinder finder;
  std::vector<std::uint8_t> marks;
};

test::ByteVector packets(std::size_t count, std::size_t stride) {
  test::ByteVector out;
  for (std::size_t i = 0; i < count; ++i) {
    out = out + bytes("47 0100 10") + repeat(static_cast<std::uint8_t>(i + 1), 184) + repeat(0xee, stride - 188);
  }
  return out;
}

}  // namespace

TEST_CASE("packets are found at any stride, behind garbage, in pieces of any size", "[ts]") {
  for (const std::size_t stride : std::initializer_list<std::size_t>{188, 192, 204, 208}) {
    const auto wire = bytes("00 47 11 22 47") + packets(6, stride);
    test::feed_every_way(
        wire, [] { return Found(); },
        [](Found& found, base::Bytes piece) {
          found.finder.input(piece, [&](base::Bytes p) { found.marks.push_back(p[4]); });
        },
        [&](Found& found) {
          found.finder.finish([&](base::Bytes p) { found.marks.push_back(p[4]); });
          REQUIRE(found.marks == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6});
          REQUIRE(found.finder.stride() == stride);
          REQUIRE(found.finder.skipped_bytes() == 5);
        });
  }
}

TEST_CASE("after damage the beat is found again", "[ts]") {
  auto wire = packets(4, 188) + repeat(0x33, 50) + packets(6, 188);
  test::feed_every_way(
      wire, [] { return Found(); },
      [](Found& found, base::Bytes piece) {
        found.finder.input(piece, [&](base::Bytes p) { found.marks.push_back(p[4]); });
      },
      [&](Found& found) {
        found.finder.finish([&](base::Bytes p) { found.marks.push_back(p[4]); });
        REQUIRE(found.marks == std::vector<std::uint8_t>{1, 2, 3, 4, 1, 2, 3, 4, 5, 6});
        REQUIRE(found.finder.lost_sync() == 1);
        REQUIRE(found.finder.skipped_bytes() == 50);
      });
}

TEST_CASE("a stream without any packet is passed over", "[ts]") {
  Found found;
  for (int i = 0; i < 100; ++i)
    found.finder.input(repeat(0x47, 1), [&](base::Bytes p) { found.marks.push_back(p[4]); });
  for (int i = 0; i < 100; ++i)
    found.finder.input(repeat(0, 1000), [&](base::Bytes p) { found.marks.push_back(p[4]); });
  found.finder.finish([&](base::Bytes p) { found.marks.push_back(p[4]); });
  CHECK(found.marks.empty());
  CHECK(found.finder.skipped_bytes() == 100'100);
}

}  // namespace weir::test::packet_test
