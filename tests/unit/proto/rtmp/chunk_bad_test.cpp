#include "proto/rtmp/chunk_reader.h"
#include "unit/proto/rtmp/reader_run.h"

namespace weir::test::chunk_bad_test {

using test::operator+;
using rtmp::ChunkLimits;
using rtmp::Errc;
using test::bytes;
using test::ByteVector;
using test::fail_every_way;
using test::repeat;

namespace {

const ByteVector good = bytes("04 000000 000001 08 01000000 aa");  // 13 bytes

ByteVector start_of(std::uint8_t chunk_stream, const char* length) {
  return ByteVector{chunk_stream} + bytes("000000") + bytes(length) + bytes("09 01000000") + repeat(0xaa, 128);
}

}  // namespace

TEST_CASE("chunks without a predecessor", "[rtmp]") {
  fail_every_way(bytes("c4 aa"), Errc::no_predecessor, 0);
  fail_every_way(good + bytes("c5 aa"), Errc::no_predecessor, 13);
  fail_every_way(good + bytes("85 000001 aa"), Errc::no_predecessor, 13);
}

TEST_CASE("a full header inside an unfinished message", "[rtmp]") {
  fail_every_way(start_of(4, "000082") + bytes("04 000000 000001 08 01000000 aa"), Errc::header_inside_message, 140);
}

TEST_CASE("a length or a type that changes inside a message", "[rtmp]") {
  fail_every_way(start_of(4, "000082") + bytes("44 000000 000083 09"), Errc::length_changed, 140 + 1 + 3);
  fail_every_way(start_of(4, "000082") + bytes("44 000000 000082 08"), Errc::length_changed, 140 + 1 + 3);
}

TEST_CASE("a message longer than the limit is refused at its header", "[rtmp]") {
  fail_every_way(good + bytes("04 000000 ffffff 09 01000000"), Errc::message_too_long, 13 + 4);
  fail_every_way(bytes("04 000000 000065 09 01000000"), Errc::message_too_long, 4, ChunkLimits{.message_bytes = 100});
}

TEST_CASE("a limit that is lowered holds for repeated headers", "[rtmp]") {
  test::ReaderRun run;
  test::feed_reader(run, bytes("04 000000 000002 08 01000000 aabb"));
  run.reader.set_message_limit(1);
  test::feed_reader(run, bytes("c4"));
  CHECK(run.result.error() == Errc::message_too_long);
}

TEST_CASE("chunk sizes of zero, under 128 and with the top bit set", "[rtmp]") {
  for (const char* size : {"00000000", "00000001", "0000007f", "80000000", "ffffffff"}) {
    fail_every_way(bytes("02 000000 000004 01 00000000") + bytes(size), Errc::bad_chunk_size, 12);
  }
}

TEST_CASE("a chunk size beyond the longest message means the longest", "[rtmp]") {
  test::read_every_way(bytes("02 000000 000004 01 00000000 7fffffff"),
                       [](test::ReaderRun& run) { CHECK(run.reader.chunk_size() == 0xffffff); });
}

TEST_CASE("control messages that are too short", "[rtmp]") {
  fail_every_way(bytes("02 000000 000003 01 00000000 000100"), Errc::bad_control_message, 12);
  fail_every_way(bytes("02 000000 000000 02 00000000"), Errc::bad_control_message, 12);
}

TEST_CASE("more chunk streams than the limit", "[rtmp]") {
  ByteVector wire;
  for (std::uint8_t id = 3; id < 7; ++id) wire = wire + ByteVector{id} + bytes("000000 000001 08 01000000 aa");
  fail_every_way(wire, Errc::too_many_chunk_streams, 3 * 13, ChunkLimits{.chunk_streams = 3});
}

TEST_CASE("more unfinished messages than the limit, in count and in bytes", "[rtmp]") {
  const auto two = start_of(4, "000082") + start_of(5, "000082");
  fail_every_way(two + start_of(6, "000082"), Errc::too_many_partial_messages, 280, ChunkLimits{.partial_messages = 2});
  fail_every_way(two + start_of(6, "000082"), Errc::too_many_partial_messages, 280, ChunkLimits{.partial_bytes = 300});
  // finished ones do not count
  test::read_every_way(two + bytes("c4 0102 c5 0102") + start_of(6, "000082"),
                       [](test::ReaderRun& run) { CHECK(run.messages.size() == 2); });
}

TEST_CASE("random bytes end in an error or in nothing, never in much memory", "[rtmp]") {
  std::uint32_t state = 1;
  for (int round = 0; round < 2000; ++round) {
    ByteVector wire(200);
    for (auto& byte : wire) {
      state = state * 1664525 + 1013904223;
      byte = static_cast<std::uint8_t>(state >> 24);
    }
    test::ReaderRun run;
    run.reader.set_message_limit(1000);
    test::feed_reader(run, wire);
    CHECK(run.reader.offset() <= wire.size());
  }
}

}  // namespace weir::test::chunk_bad_test
