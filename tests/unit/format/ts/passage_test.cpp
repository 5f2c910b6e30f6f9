#include "format/ts/passage.h"

#include "format/ts/demuxer.h"
#include "support/catch.h"
#include "support/media_files.h"
#include "support/two_programs.h"

namespace weir::test::passage_test {

using test::ByteVector;
using test::operator+;

namespace {

constexpr std::size_t size = ts::packet_bytes;

struct Passed {
  ByteVector bytes;                   // of the pieces, without what is for those who begin
  std::vector<ByteVector> tables;     // of each piece that begins
  std::vector<std::uint64_t> begins;  // their times
  std::uint32_t generation = 0;
};

// What goes through of a stream that comes in pieces of so many bytes.
Passed passed(base::Bytes wire, std::size_t piece_bytes = 7 * size, std::uint16_t program = 0) {
  Passed out;
  ts::Demuxer demuxer(ts::Demuxer::Options{.program = program, .passes = true});
  for (std::size_t at = 0; at < wire.size(); at += piece_bytes) {
    demuxer.input(wire.subspan(at, std::min(piece_bytes, wire.size() - at)));
    for (const ts::Passage::Piece& piece : demuxer.passage().pieces()) {
      const base::Bytes bytes = piece.bytes;
      const std::size_t tables = 1 + size * bytes[0];
      REQUIRE(tables <= bytes.size());
      CHECK((bytes[0] != 0) == piece.begins);
      if (piece.begins) {
        out.begins.push_back(piece.time);
        out.tables.emplace_back(bytes.begin() + 1, bytes.begin() + static_cast<long>(tables));
      }
      out.bytes.insert(out.bytes.end(), bytes.begin() + static_cast<long>(tables), bytes.end());
    }
    demuxer.passage().clear();
  }
  out.generation = demuxer.passage().generation();
  return out;
}

// The packets of a stream behind which another's stand, of a PID that nobody knows: a KLV stream, as its map says.
ByteVector with_stranger(base::Bytes wire) {
  ByteVector out;
  std::uint8_t counter = 0;
  for (std::size_t at = 0; at + size <= wire.size(); at += size) {
    out.insert(out.end(), wire.begin() + static_cast<long>(at), wire.begin() + static_cast<long>(at + size));
    if (at / size % 10 != 9) continue;
    ByteVector stranger = test::bytes("47 4300 10 000001bd 0010 8080 00 4b4c5641");
    stranger[3] = static_cast<std::uint8_t>(0x10 | (counter++ & 0xf));
    stranger.resize(size, 0x4b);
    out.insert(out.end(), stranger.begin(), stranger.end());
  }
  return out;
}

std::size_t pid_of(base::Bytes packet) { return static_cast<std::size_t>((packet[1] & 0x1f) << 8 | packet[2]); }

}  // namespace

TEST_CASE("a transport stream goes through byte for byte from its first key frame on", "[ts][passage]") {
  const ByteVector wire = with_stranger(test::test_file("ts/h264_aac.ts"));
  const Passed one = passed(wire);
  REQUIRE_FALSE(one.bytes.empty());
  const std::string all(base::as_text(base::Bytes(wire)));
  const std::size_t from = all.find(base::as_text(base::Bytes(one.bytes)));
  REQUIRE(from != std::string::npos);            // in one piece,
  CHECK(from + one.bytes.size() == all.size());  // to the end
  CHECK(from % size == 0);
  CHECK((one.bytes[1] & 0x40) != 0);  // a picture begins
  CHECK(pid_of(one.bytes) == 0x100);
  std::size_t strangers = 0;
  for (std::size_t at = 0; at < one.bytes.size(); at += size) {
    strangers += pid_of(base::Bytes(one.bytes).subspan(at)) == 0x300 ? 1 : 0;
  }
  CHECK(strangers > 5);
  for (const std::size_t piece : {size_t{1}, size, size_t{1000}, wire.size()})
    CHECK(passed(wire, piece).bytes == one.bytes);
}

TEST_CASE("whoever begins with a piece has the tables, and hears that counters jump", "[ts][passage]") {
  const ByteVector wire = test::test_file("ts/h264_aac.ts");
  const Passed all = passed(wire);
  REQUIRE_FALSE(all.tables.empty());
  const auto frames = test::read_ts(wire);
  std::size_t keys = 0;
  for (const auto& frame : frames.frames) keys += frame->track == media::TrackId::video && frame->key ? 1 : 0;
  CHECK(all.begins.size() == keys);
  for (const ByteVector& tables : all.tables) {
    REQUIRE(tables.size() >= 2 * size);
    CHECK(pid_of(tables) == ts::pat_pid);
    ts::Demuxer demuxer;
    demuxer.input(tables + all.bytes);
    CHECK(demuxer.programs().size() == 1);
    for (std::size_t at = 2 * size; at < tables.size(); at += size) {
      const auto packet = ts::parse_packet(base::Bytes(tables).subspan(at));
      REQUIRE(packet.has_value());
      CHECK_FALSE(packet->has_payload);
      CHECK(packet->discontinuity);
    }
  }
}

TEST_CASE("a key frame that is not marked as one is known by what it holds", "[ts][passage]") {
  ByteVector wire = test::test_file("ts/h264_aac.ts");
  const auto marked = passed(wire).begins;
  for (std::size_t at = 0; at < wire.size(); at += size) {
    if ((wire[at + 3] & 0x20) != 0 && wire[at + 4] > 0) wire[at + 5] &= 0xbf;
  }
  CHECK(passed(wire).begins == marked);
}

TEST_CASE("of several programs one is played, and that is another stream than what came", "[ts][passage]") {
  const ByteVector one = test::test_file("ts/h264_aac.ts");
  CHECK(passed(test::two_programs(one, one)).bytes.empty());
  CHECK(passed(one, 7 * size, 1).bytes.empty());
}

TEST_CASE("what nobody takes is bounded, and goes on at a key frame as another", "[ts][passage]") {
  const ByteVector wire = test::test_file("ts/h264_aac.ts");
  ts::Demuxer demuxer(ts::Demuxer::Options{.passes = true});
  std::size_t most = 0;
  for (std::size_t fed = 0; fed < ts::Passage::most_bytes * 5 / 4; fed += wire.size()) {
    demuxer.input(wire);
    while (demuxer.poll()) {
    }
    std::size_t held = 0;
    for (const ts::Passage::Piece& piece : demuxer.passage().pieces()) held += piece.bytes.size();
    most = std::max(most, held);
  }
  CHECK(most < 2 * ts::Passage::most_bytes);
  CHECK(demuxer.passage().generation() > 0);
  demuxer.passage().clear();
  demuxer.input(wire);
  REQUIRE_FALSE(demuxer.passage().pieces().empty());
}

}  // namespace weir::test::passage_test
