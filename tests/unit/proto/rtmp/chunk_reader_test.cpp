#include "proto/rtmp/chunk_reader.h"

#include "proto/rtmp/chunk_writer.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "unit/proto/rtmp/reader_run.h"

namespace weir::test::chunk_reader_test {

using test::operator+;
using rtmp::MessageType;
using test::bytes;
using test::ByteVector;
using test::ReaderRun;
using test::repeat;

TEST_CASE("a chunk larger than the chunk size is joined", "[rtmp]") {
  // 5.3.1.1 basic header fmt 0 csid 4; 5.3.1.2.1 time, length 130, type video, stream 1; then fmt 3 before byte 129
  const auto wire = bytes("04 000000 000082 09 01000000") + repeat(0xaa, 128) + bytes("c4") + repeat(0xbb, 2);
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 1);
    const auto& message = run.messages[0];
    CHECK(message.type == MessageType::video);
    CHECK(message.stream_id == 1);
    CHECK(message.chunk_stream == 4);
    CHECK(test::hex(message.payload) == test::hex(repeat(0xaa, 128) + repeat(0xbb, 2)));
  });
}

TEST_CASE("all four header types; the example of 5.3.2.1", "[rtmp]") {
  // Four audio messages of 32 bytes, 20 ms apart: type 0, 2, 3, 3.
  const auto wire = bytes("03 0003e8 000020 08 39300000") + repeat(1, 32) + bytes("83 000014") + repeat(2, 32) +
                    bytes("c3") + repeat(3, 32) + bytes("c3") + repeat(4, 32);
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(run.messages[i].time_ms == 1000 + 20 * static_cast<int>(i));
      CHECK(run.messages[i].stream_id == 12345);
      CHECK(run.messages[i].type == MessageType::audio);
      CHECK(run.messages[i].payload.bytes()[31] == i + 1);
    }
  });
}

TEST_CASE("type 1 changes length and type and keeps the message stream", "[rtmp]") {
  const auto wire = bytes("03 00000a 000002 08 01000000 aabb  43 000005 000001 09 cc");
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 2);
    CHECK(run.messages[1].time_ms == 15);
    CHECK(run.messages[1].type == MessageType::video);
    CHECK(run.messages[1].stream_id == 1);
    CHECK(test::hex(run.messages[1].payload) == "cc");
  });
}

TEST_CASE("chunk stream ids of one, two and three bytes", "[rtmp]") {
  // 63; 0 + 00 = 64; 0 + ff = 319; 1 + 00 01 = 320; 1 + ff ff = 65599 (5.3.1.1)
  const auto tail = bytes("000000 000001 08 01000000 77");
  const auto wire = bytes("3f") + tail + bytes("00 00") + tail + bytes("00 ff") + tail + bytes("01 00 01") + tail +
                    bytes("01 ff ff") + tail + bytes("c0 ff 78") + bytes("c1 ff ff 79");
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 7);
    const std::uint32_t ids[] = {63, 64, 319, 320, 65599, 319, 65599};
    for (std::size_t i = 0; i < 7; ++i) CHECK(run.messages[i].chunk_stream == ids[i]);
    CHECK(test::hex(run.messages[5].payload) == "78");
  });
}

TEST_CASE("messages of several chunk streams are interleaved", "[rtmp]") {
  const auto wire = bytes("04 000000 000102 08 01000000") + repeat(0xa0, 128) +  // 258 bytes
                    bytes("06 000001 000081 09 01000000") + repeat(0xb0, 128) +  // 129 bytes
                    bytes("c4") + repeat(0xa1, 128) + bytes("c6") + repeat(0xb1, 1) + bytes("c4") + repeat(0xa2, 2);
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 2);
    CHECK(test::hex(run.messages[0].payload) == test::hex(repeat(0xb0, 128) + repeat(0xb1, 1)));
    CHECK(test::hex(run.messages[1].payload) == test::hex(repeat(0xa0, 128) + repeat(0xa1, 128) + repeat(0xa2, 2)));
  });
}

TEST_CASE("a new chunk size counts at once, inside an unfinished message too", "[rtmp]") {
  const auto wire = bytes("04 000000 000140 08 01000000") + repeat(0xa0, 128) +
                    bytes("02 000000 000004 01 00000000 00000100") +  // 5.4.1 set chunk size 256
                    bytes("c4") + repeat(0xa1, 192);
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 1);
    CHECK(run.messages[0].payload.size() == 320);
    CHECK(run.reader.chunk_size() == 256);
  });
}

TEST_CASE("an aborted message is forgotten and its chunk stream goes on", "[rtmp]") {
  const auto wire = bytes("04 000000 000082 08 01000000") + repeat(0xa0, 128) +
                    bytes("02 000000 000004 02 00000000 00000004") +  // 5.4.2 abort chunk stream 4
                    bytes("02 000000 000004 02 00000000 00000009") +  // of one that is not there: nothing
                    bytes("04 000007 000001 08 01000000 cc");
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 1);
    CHECK(test::hex(run.messages[0].payload) == "cc");
    CHECK(run.messages[0].time_ms == 7);
  });
}

TEST_CASE("messages without payload come and do not hold the next up", "[rtmp]") {
  const auto wire = bytes("04 000000 000000 08 01000000 c4 c4 04 000001 000001 08 01000000 cc");
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 4);
    CHECK(run.messages[0].payload.empty());
    CHECK(test::hex(run.messages[3].payload) == "cc");
  });
}

TEST_CASE("librtmp's ping begins its chunk stream with type 1", "[rtmp]") {
  const auto wire = bytes("42 000000 000006 04 0006 0000000a");
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 1);
    CHECK(run.messages[0].type == MessageType::user_control);
  });
}

TEST_CASE("types 1 and 2 inside a message carry it on when they agree with it", "[rtmp]") {
  const auto wire = bytes("04 000000 000102 08 01000000") + repeat(1, 128) + bytes("44 000000 000102 08") +
                    repeat(2, 128) + bytes("84 000000") + repeat(3, 2);
  test::read_every_way(wire, [](ReaderRun& run) {
    REQUIRE(run.messages.size() == 1);
    CHECK(run.messages[0].payload.size() == 258);
    CHECK(run.messages[0].time_ms == 0);
  });
}

TEST_CASE("a draining reader keeps how a media message began and every byte of the others", "[rtmp]") {
  const auto wire = bytes("04 000000 000082 09 01000000") + repeat(0xaa, 128) + bytes("c4") + repeat(0xbb, 2) +
                    bytes("03 000000 000003 14 00000000 010203");
  test::feed_every_way(
      wire,
      [] {
        ReaderRun run;
        run.reader.set_drain(true);
        return run;
      },
      test::feed_reader,
      [](ReaderRun& run) {
        REQUIRE(run.messages.size() == 2);
        CHECK(run.messages[0].payload.empty());
        CHECK(run.messages[0].size_bytes == 130);
        CHECK(test::hex(run.messages[0].head) == test::hex(repeat(0xaa, 16)));
        CHECK(test::hex(run.messages[1].payload) == "010203");
      });
}

TEST_CASE("payload that is drained may be dropped at the socket", "[rtmp]") {
  rtmp::ChunkReader reader;
  reader.set_drain(true);
  const auto start = bytes("04 000000 000064 09 01000000") + repeat(1, 20);
  base::Bytes in = start;
  CHECK_FALSE(reader.next(in).value());
  REQUIRE(reader.skippable() == 79);  // all but the last byte
  reader.skip(79);
  CHECK(reader.skippable() == 0);
  const auto end = bytes("02");
  in = end;
  const auto message = reader.next(in).value();
  REQUIRE(message);
  CHECK(message->size_bytes == 100);
  CHECK(reader.offset() == start.size() + 80);
}

TEST_CASE("an idle reader is small", "[rtmp]") { CHECK(sizeof(rtmp::ChunkReader) <= 256); }

}  // namespace weir::test::chunk_reader_test
