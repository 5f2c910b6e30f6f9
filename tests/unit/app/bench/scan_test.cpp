#include "app/bench/scan.h"

#include <string>

#include "app/bench/errc.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::scan_test {

using test::bytes;
using test::ByteVector;
using test::repeat;
using test::operator+;

namespace {

// What was seen, as text: type, time, size, both ends.
struct Notes final : bench::Watcher {
  std::vector<std::string> lines;
  void seen(const bench::Seen& m) override {
    lines.push_back(std::to_string(m.type) + " @" + std::to_string(m.time_ms) + " #" + std::to_string(m.size) + " " +
                    test::hex(m.head) + " .. " + test::hex(m.tail));
  }
};

template <class Scan>
struct Machine {
  Scan scan;
  Notes notes;
  base::ErrorCode error;
  void feed(base::Bytes in) {
    if (error) return;
    if (auto result = scan.feed(in, notes); !result) error = result.error();
  }
};

template <class Scan>
void expect(const ByteVector& wire, const std::vector<std::string>& lines, base::ErrorCode error = {}) {
  test::feed_every_way(
      wire, [] { return Machine<Scan>{}; }, [](auto& m, base::Bytes in) { m.feed(in); },
      [&](auto& m) {
        CHECK(m.notes.lines == lines);
        CHECK(m.error == error);
      });
}

ByteVector text(std::string_view t) { return {t.begin(), t.end()}; }

}  // namespace

TEST_CASE("messages of several chunks are followed to their ends", "[bench]") {
  // 5.3.1.1 basic header fmt 0 csid 4; 5.3.1.2.1 time, length 130, type 9, stream 1; a fmt 3 header behind byte 128
  const auto wire = bytes("04 000005 000082 09 01000000") + repeat(0xaa, 128) + bytes("c4 bbcc");
  expect<bench::ChunkScan>(wire, {"9 @5 #130 aaaaaaaaaa .. aaaaaaaaaaaaaaaaaaaaaaaaaaaabbcc"});
}

TEST_CASE("chunk streams interleave, and deltas add up", "[bench]") {
  const auto wire = bytes("04 000064 000081 09 01000000") + repeat(1, 128)  // video, 129 bytes, at 100
                    + bytes("06 000070 000002 08 01000000 aabb")            // audio in between, at 112
                    + bytes("c4 02")                                        // the last byte of the video
                    + bytes("86 000017 ccdd")                               // fmt 2: the same size and type, 23 ms on
                    + bytes("c6 eeff");                                     // fmt 3: and again
  expect<bench::ChunkScan>(wire,
                           {"8 @112 #2 aabb .. aabb", "9 @100 #129 0101010101 .. 01010101010101010101010101010102",
                            "8 @135 #2 ccdd .. ccdd", "8 @158 #2 eeff .. eeff"});
}

TEST_CASE("a new chunk size and extended times are followed", "[bench]") {
  const auto wire = bytes("02 000000 000004 01 00000000 00000008")                   // Set Chunk Size 8
                    + bytes("04 ffffff 00000a 09 01000000 01000000") + repeat(7, 8)  // time 0x01000000
                    + bytes("c4 01000000 0809");                                     // repeated in the fmt 3 chunk
  expect<bench::ChunkScan>(wire,
                           {"1 @0 #4 00000008 .. 00000008", "9 @16777216 #10 0707070707 .. 07070707070707070809"});
}

TEST_CASE("basic headers of two and three bytes, and an empty message", "[bench]") {
  const auto wire = bytes("00 00 000001 000001 12 01000000 aa")    // csid 64
                    + bytes("01 0001 000002 000000 14 00000000");  // csid 320, no payload
  expect<bench::ChunkScan>(wire, {"18 @1 #1 aa .. aa", "20 @2 #0  .. "});
}

TEST_CASE("a type 3 chunk without a predecessor and a message beyond bounds end it", "[bench]") {
  expect<bench::ChunkScan>(bytes("c4 0102"), {}, bench::Errc::bad_chunk);
  expect<bench::ChunkScan>(bytes("84 000001 02"), {}, bench::Errc::bad_chunk);
  expect<bench::ChunkScan>(bytes("04 000000 ffffff 09 01000000") + bytes("aa"), {});
}

TEST_CASE("FLV in an HTTP response", "[bench]") {
  const auto head = text("HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\n");
  const auto flv = bytes("464c56 01 05 00000009 00000000")                // E.2, PreviousTagSize0
                   + bytes("09 000003 000102 03 000000 170100 0000000e")  // time 0x03000102
                   + bytes("08 000002 000001 00 000000 af01 0000000d");
  const std::vector<std::string> lines = {"9 @50331906 #3 170100 .. 170100", "8 @1 #2 af01 .. af01"};
  expect<bench::FlvScan>(head + flv, lines);

  // The same in pieces of 9, 20 and the rest; RFC 9112 7.1.
  const auto chunked = text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n") +
                       ByteVector(flv.begin(), flv.begin() + 9) + text("\r\n14;x=y\r\n") +
                       ByteVector(flv.begin() + 9, flv.begin() + 29) + text("\r\n13\r\n") +
                       ByteVector(flv.begin() + 29, flv.end()) + text("\r\n0\r\n\r\n");
  REQUIRE(flv.size() - 29 == 0x13);
  expect<bench::FlvScan>(chunked, lines);
}

TEST_CASE("responses that are not FLV end it", "[bench]") {
  expect<bench::FlvScan>(text("HTTP/1.1 404 Not Found\r\n\r\n"), {}, bench::Errc::bad_response);
  expect<bench::FlvScan>(text("HTTP/1.1 200 OK\r\n\r\nFLX\x01\x05") + bytes("00000009"), {}, bench::Errc::bad_tag);
  expect<bench::FlvScan>(text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), {},
                         bench::Errc::bad_chunked_body);
}

}  // namespace weir::test::scan_test
