#include "proto/rtmp/chunk_reader.h"
#include "unit/proto/rtmp/reader_run.h"

namespace weir::test::chunk_time_test {

using test::operator+;
using rtmp::MessageType;
using test::bytes;
using test::ByteVector;
using test::ReaderRun;
using test::repeat;

namespace {

std::vector<std::int64_t> times_of(const ByteVector& wire) {
  std::vector<std::int64_t> times;
  test::read_every_way(wire, [&](ReaderRun& run) {
    times.clear();
    for (const auto& message : run.messages) times.push_back(message.time_ms);
  });
  return times;
}

ByteVector number(std::uint32_t value, unsigned size) {
  ByteVector out;
  while (size-- > 0) out.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
  return out;
}

// A message of one byte with an absolute time, on chunk stream 4 or another.
ByteVector at(std::uint32_t time, std::uint8_t chunk_stream = 4) {
  const bool extended = time >= 0xffffff;
  return ByteVector{chunk_stream} + number(extended ? 0xffffff : time, 3) + bytes("000001 08 01000000") +
         (extended ? number(time, 4) : ByteVector{}) + bytes("55");
}
// One with a difference.
ByteVector after(std::uint32_t difference) {
  const bool extended = difference >= 0xffffff;
  return bytes("84") + number(extended ? 0xffffff : difference, 3) + (extended ? number(difference, 4) : ByteVector{}) +
         bytes("55");
}
// One whose counter has 24 bits and never more.
ByteVector at24(std::uint32_t time, std::uint8_t chunk_stream = 4) {
  return ByteVector{chunk_stream} + number(time & 0xffffff, 3) + bytes("000001 08 01000000 55");
}

using Times = std::vector<std::int64_t>;
constexpr std::int64_t two_31 = std::int64_t{1} << 31;
constexpr std::int64_t two_32 = std::int64_t{1} << 32;

}  // namespace

TEST_CASE("an extended timestamp is repeated in type 3, or not", "[rtmp]") {
  const auto head = bytes("04 ffffff 000104 09 01000000 01020304") + repeat(0xaa, 128);
  const auto repeated = head + bytes("c4 01020304") + repeat(0xbb, 128) + bytes("c4 01020304") + repeat(0xcc, 4);
  const auto left_out = head + bytes("c4") + repeat(0xbb, 128) + bytes("c4") + repeat(0xcc, 4);
  for (const auto& wire : {repeated, left_out}) {
    test::read_every_way(wire, [](ReaderRun& run) {
      REQUIRE(run.messages.size() == 1);
      CHECK(run.messages[0].time_ms == 0x01020304);
      CHECK(test::hex(run.messages[0].payload) == test::hex(repeat(0xaa, 128) + repeat(0xbb, 128) + repeat(0xcc, 4)));
    });
  }
}

TEST_CASE("a short tail without the repeated timestamp does not wait for more", "[rtmp]") {
  // The last two bytes are the message's; the first of them equals the timestamp's first.
  const auto wire = bytes("04 ffffff 000082 09 01000000 01020304") + repeat(0xaa, 128) + bytes("c4 01cc");
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 1);
    CHECK(run.messages[0].payload.bytes()[128] == 0x01);
    CHECK(run.messages[0].payload.bytes()[129] == 0xcc);
  });
  // And with the next message right behind a tail of one byte.
  const auto two = bytes("04 ffffff 000081 09 01000000 01020304") + repeat(0xaa, 128) + bytes("c4 01") +
                   bytes("05 000000 000001 08 01000000 66");
  test::read_every_way(two, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 2);
    CHECK(run.messages[0].payload.bytes()[128] == 0x01);
    CHECK(test::hex(run.messages[1].payload) == "66");
  });
}

TEST_CASE("an extended difference is repeated as difference or as time", "[rtmp]") {
  const auto head = at(1000) + bytes("44 ffffff 000084 09 01000000") + repeat(0xaa, 128);  // difference 0x01000000
  for (const char* repeat_text : {"01000000", "010003e8"}) {
    test::read_every_way(head + bytes("c4") + bytes(repeat_text) + repeat(0xbb, 4), [](ReaderRun& run) {
      REQUIRE(run.messages.size() == 2);
      CHECK(run.messages[1].time_ms == 1000 + 0x01000000);
      CHECK(test::hex(run.messages[1].payload.bytes().last(4)) == "bbbbbbbb");
    });
  }
}

TEST_CASE("type 3 begins a message with the difference of the one before", "[rtmp]") {
  CHECK(times_of(at(100) + after(40) + bytes("c4 55 c4 55")) == Times{100, 140, 180, 220});
  // Behind a type 0 it is that one's timestamp, 5.3.1.2.4
  CHECK(times_of(at(20) + bytes("c4 55 c4 55")) == Times{20, 40, 60});
}

TEST_CASE("type 3 begins a message behind an extended time", "[rtmp]") {
  const auto first = bytes("04 ffffff 000004 08 01000000 01020304 17010000");
  // the same time again, a time of its own 40 ms later, and librtmp's form without any
  CHECK(times_of(first + bytes("c4 01020304 17010000")) == Times{0x01020304, 0x01020304});
  CHECK(times_of(first + bytes("c4 0102032c 17010000")) == Times{0x01020304, 0x0102032c});
  CHECK(times_of(first + bytes("c4 17010000")) == Times{0x01020304, 0x01020304});
}

TEST_CASE("time goes on past a counter of 32, 31 and 24 bits", "[rtmp]") {
  CHECK(times_of(at(0xfffffff0) + at(16) + at(56)) == Times{two_32 - 16, two_32 + 16, two_32 + 56});
  CHECK(times_of(at(0x7ffffff0) + at(16)) == Times{two_31 - 16, two_31 + 16});
  CHECK(times_of(at24(0xfffff0) + at24(0x1000010)) == Times{0xfffff0, 0x1000010});
  // 24 bits twice
  CHECK(times_of(at24(0xfffff0) + at24(0x10) + at24(0x800000) + at24(0xfffff8) + at24(8)) ==
        Times{0xfffff0, 0x1000010, 0x1800000, 0x1fffff8, 0x2000008});
  // a sender that goes on to 32 bits is not taken for one of 24
  CHECK(times_of(at(0xfffff0) + at(0x1000010)) == Times{0xfffff0, 0x1000010});
}

TEST_CASE("differences carry time over a wrap, and the absolute time behind it agrees", "[rtmp]") {
  CHECK(times_of(at(0xfffffff0) + after(32) + at(56)) == Times{two_32 - 16, two_32 + 16, two_32 + 56});
}

TEST_CASE("chunk streams wrap one after the other, and a silent one is right afterwards", "[rtmp]") {
  CHECK(times_of(at(5000, 8) + at(0xfffffff0, 4) + at(0xffffffe0, 6) + at(16, 4) + at(0xfffffff8, 6) + at(20, 6) +
                 at(0x7000, 8)) ==
        Times{5000, two_32 - 16, two_32 - 32, two_32 + 16, two_32 - 8, two_32 + 20, two_32 + 0x7000});
}

TEST_CASE("jumps by hours in both directions are kept as they are", "[rtmp]") {
  constexpr std::uint32_t hour = 3'600'000;
  CHECK(times_of(at(10 * hour) + at(2 * hour) + at(12 * hour) + at(0)) == Times{10 * hour, 2 * hour, 12 * hour, 0});
  CHECK(times_of(at(two_31 - 5 * hour) + at(0)) == Times{two_31 - 5 * hour, 0});
  CHECK(times_of(at24(0xffffff - hour) + at24(0)) == Times{0xffffff - hour, 0});
  CHECK(times_of(at(0) + at(0xf0000000)) == Times{0, 0xf0000000});
  // back by a difference, modulo 2^32
  CHECK(times_of(at(10 * hour) + after(0u - 2 * hour)) == Times{10 * hour, 8 * hour});
}

}  // namespace weir::test::chunk_time_test
