#include "proto/rtmp/chunk_writer.h"

#include "unit/proto/rtmp/reader_run.h"

namespace weir::test::chunk_writer_test {

using test::operator+;
using rtmp::MessageType;
using rtmp::OutMessage;
using test::bytes;
using test::ByteVector;
using test::repeat;

TEST_CASE("a message is written with a header of type 0 and then of type 3", "[rtmp]") {
  base::Buffer out;
  const OutMessage message{MessageType::video, 6, 1, 0x010203};
  rtmp::append_message(out, message, repeat(0xaa, 130), 128);
  CHECK(test::hex(out) == test::hex(bytes("06 010203 000082 09 01000000") + repeat(0xaa, 128) + bytes("c6 aaaa")));
  CHECK(out.size() == rtmp::wire_size(message, 130, 128));
}

TEST_CASE("the extended timestamp stands in every chunk", "[rtmp]") {
  base::Buffer out;
  rtmp::append_message(out, {MessageType::audio, 4, 1, 0xffffff}, repeat(0xaa, 129), 128);
  CHECK(test::hex(out) ==
        test::hex(bytes("04 ffffff 000081 08 01000000 00ffffff") + repeat(0xaa, 128) + bytes("c4 00ffffff aa")));
}

TEST_CASE("the payload's parts run on over chunk borders into room of the exact size", "[rtmp]") {
  const auto head = bytes("17 01 000000");
  for (const std::size_t size : {0u, 1u, 122u, 123u, 124u, 251u, 252u, 1000u}) {
    for (const std::uint32_t time : {0u, 0xfffffeu, 0xffffffu, 0xffffffffu}) {
      for (const std::uint32_t chunk_stream : {2u, 63u, 64u, 319u, 320u, 65599u}) {
        const auto frame = repeat(0xbb, size);
        const OutMessage message{MessageType::video, chunk_stream, 1, time};
        ByteVector room(rtmp::wire_size(message, head.size() + size, 128));
        const base::Bytes parts[] = {head, frame};
        CHECK(rtmp::write_message(room, message, parts, 128) == room.size());
        test::ReaderRun run;
        test::feed_reader(run, room);
        REQUIRE(run.messages.size() == 1);
        CHECK(run.messages[0].time_ms == time);
        CHECK(run.messages[0].chunk_stream == chunk_stream);
        CHECK(test::hex(run.messages[0].payload) == test::hex(head + frame));
        CHECK(run.reader.offset() == room.size());
      }
    }
  }
}

TEST_CASE("a connection's writer uses the shortest headers", "[rtmp]") {
  rtmp::ChunkWriter writer;
  base::Buffer out;
  const auto write = [&](MessageType type, std::uint32_t time, const ByteVector& payload) {
    out.clear();
    writer.append(out, {type, 4, 1, time}, payload);
    return test::hex(out);
  };
  CHECK(write(MessageType::audio, 10, bytes("aa")) ==
        "04"
        "00000a"
        "000001"
        "08"
        "01000000"
        "aa");
  CHECK(write(MessageType::audio, 30, bytes("bb")) ==
        "84"
        "000014"
        "bb");  // 2: time alone
  CHECK(write(MessageType::audio, 50, bytes("cc")) ==
        "c4"
        "cc");  // 3: nothing new
  CHECK(write(MessageType::audio, 90, bytes("dddd")) ==
        "44"
        "000028"
        "000002"
        "08"
        "dddd");  // 1: length
  CHECK(write(MessageType::audio, 80, bytes("ee")) ==
        "04"
        "000050"
        "000001"
        "08"
        "01000000"
        "ee");  // 0: back
}

TEST_CASE("what a connection's writer writes is read as it was", "[rtmp]") {
  rtmp::ChunkWriter writer;
  base::Buffer out;
  writer.set_chunk_size(200);
  std::vector<std::int64_t> times;
  std::uint32_t state = 7;
  std::uint32_t time = 0xfffff000 - 2'000'000;
  out.append(bytes("02 000000 000004 01 00000000 000000c8"));
  for (int i = 0; i < 500; ++i) {
    state = state * 1664525 + 1013904223;
    time += (state >> 28) * 3;
    if (i == 250) time = 0xffffff00;
    if (i == 400) time = 0xfffffff0;  // wraps, so that the writer falls back to type 0
    writer.append(out, {i % 3 ? MessageType::audio : MessageType::video, 4 + (state >> 30), 1, time},
                  repeat(static_cast<std::uint8_t>(i), (state >> 20) % 7 * 100 + 1));
    times.push_back(time);
  }
  test::ReaderRun run;
  test::feed_reader(run, out);
  INFO(run.reader.diagnostic().sentence());
  REQUIRE(run.messages.size() == times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    CHECK(static_cast<std::uint32_t>(run.messages[i].time_ms) == static_cast<std::uint32_t>(times[i]));
    CHECK(run.messages[i].payload.bytes()[0] == static_cast<std::uint8_t>(i));
  }
}

}  // namespace weir::test::chunk_writer_test
