#include "codec/av1.h"

#include "format/ts/av1_units.h"
#include "format/ts/demuxer.h"
#include "format/ts/elementary.h"
#include "format/ts/muxer.h"
#include "format/ts/pes.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::ts_av1_test {

// AOM "Carriage of AV1 in MPEG-2 TS" 1.0.1.
using media::Codec;
using media::TrackId;
using test::bytes;
using test::operator+;

namespace {

// Of SVT-AV1 and libaom, 320x180: a sequence header, key frames and others of some bytes.
const auto sequence_header = bytes("0a0b 000000043cfeccfbf90040");
const auto record = bytes("81000c00 0a0b 000000043cfeccfbf90040");
const auto key_frame = bytes("3204 14001234");     // show_frame
const auto other_frame = bytes("3204 34001234");   // an inter frame, shown
const auto hidden_frame = bytes("3204 24001234");  // one that is not shown
const auto shown_before = bytes("1a02 8000");      // a frame header with show_existing_frame

media::Track av1_track() {
  media::CodecParameters parameters{.codec = Codec::av1, .extradata = base::SharedBytes::copy_of(record)};
  return {.id = TrackId::video, .parameters = std::make_shared<const media::CodecParameters>(parameters)};
}

media::Frame frame_at(std::int64_t millis, const test::ByteVector& unit, bool key) {
  return {.track = TrackId::video,
          .codec = Codec::av1,
          .dts = base::Millis(millis),
          .key = key,
          .payload = base::SharedBytes::copy_of(unit)};
}

test::ByteVector escaped(base::Bytes obu) {
  test::ByteVector out;
  ts::put_av1_obu(obu, [&](base::Bytes piece) { out.insert(out.end(), piece.begin(), piece.end()); });
  return out;
}

std::vector<ts::AccessUnit> units_of(const std::vector<test::ByteVector>& payloads) {
  const auto elementary = ts::make_elementary({.codec = Codec::av1});
  std::vector<ts::AccessUnit> found;
  std::int64_t at = 9000;
  for (const auto& payload : payloads) {
    elementary->input(payload, {.known = true, .pts = base::Ticks(at), .dts = base::Ticks(at)}, found);
    at += 3600;
  }
  return found;
}

}  // namespace

TEST_CASE("AV1 in a transport stream has start codes, and bytes that look like one are escaped", "[ts][av1]") {
  // 3.2: 000000, 000001, 000002 and 000003 shall not occur
  CHECK(test::hex(escaped(bytes("1200"))) == test::hex(bytes("000001 1200")));
  CHECK(test::hex(escaped(bytes("32 000000 01"))) == test::hex(bytes("000001 32 0000 03 00 01")));
  CHECK(test::hex(escaped(bytes("32 000001 04"))) == test::hex(bytes("000001 32 0000 03 01 04")));
  CHECK(test::hex(escaped(bytes("32 000002"))) == test::hex(bytes("000001 32 0000 03 02")));
  CHECK(test::hex(escaped(bytes("32 000003"))) == test::hex(bytes("000001 32 0000 03 03")));
  CHECK(test::hex(escaped(bytes("32 000004"))) == test::hex(bytes("000001 32 000004")));
  CHECK(test::hex(escaped(bytes("32 0000000000 00"))) == test::hex(bytes("000001 32 0000 03 0000 03 0000")));
  // Whatever the bytes: what comes back is what went in, and the payload holds no start code.
  std::uint32_t random = 7;
  const auto next = [&] { return random = random * 1664525 + 1013904223; };
  for (int round = 0; round < 500; ++round) {
    test::ByteVector obu{0x32, 0x00};
    const std::size_t size = next() >> 24 & 0x7f;
    obu[1] = static_cast<std::uint8_t>(size);
    for (std::size_t i = 0; i < size; ++i) obu.push_back(static_cast<std::uint8_t>((next() >> 28) & 3));
    const auto wire = escaped(obu) + escaped(bytes("1200"));
    ts::Av1Units units(wire);
    const auto first = units.next(), second = units.next();
    REQUIRE(first);
    REQUIRE(second);
    REQUIRE_FALSE(units.next());
    base::Buffer back;
    ts::append_av1_obu(*first, back);
    REQUIRE(test::hex(back) == test::hex(obu));
    REQUIRE(test::hex(*second) == "1200");
  }
}

TEST_CASE("AV1 is announced with its registration first and the descriptor of its configuration", "[ts][av1]") {
  const auto carriage = ts::carriage_of(*av1_track().parameters);
  REQUIRE(carriage);
  CHECK(carriage->stream_type == 0x06);
  CHECK(carriage->stream_id == 0xbd);
  // hdr_wcg_idc 3: the sequence header says nothing of colours
  CHECK(test::hex(carriage->descriptors) == test::hex(bytes("0504 41563031 8004 81000cc0")));
  CHECK(ts::content_of({0x06, 0x100, carriage->descriptors}).codec == Codec::av1);
  CHECK(ts::can_carry(Codec::av1));
  CHECK_FALSE(ts::can_carry_in_hls(Codec::av1));
}

TEST_CASE("AV1 goes through a transport stream, temporal unit for temporal unit", "[ts][av1]") {
  ts::Muxer muxer;
  muxer.set_tracks({av1_track()});
  base::Buffer wire;
  const std::vector<test::ByteVector> sent{key_frame, other_frame, hidden_frame + other_frame, shown_before,
                                           sequence_header + key_frame};
  for (std::size_t i = 0; i < sent.size(); ++i) {
    muxer.append(frame_at(static_cast<std::int64_t>(i) * 40, sent[i], i == 0 || i == 4), wire);
  }
  const auto file = test::read_ts(wire);
  REQUIRE(file.tracks.size() == 1);
  CHECK(file.tracks[0].parameters->codec == Codec::av1);
  CHECK(file.tracks[0].parameters->width == 320);
  CHECK(test::hex(file.tracks[0].parameters->extradata) == test::hex(record));
  REQUIRE(file.frames.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    INFO(i);
    // What a decoder needs stands before a key frame.
    const auto wanted = i == 0 ? sequence_header + sent[i] : sent[i];
    CHECK(test::hex(file.frames[i]->payload) == test::hex(wanted));
    CHECK(file.frames[i]->key == (i == 0 || i == 4));
    CHECK(file.frames[i]->dts - file.frames[0]->dts == base::Millis(static_cast<std::int64_t>(i) * 40));
    CHECK(file.frames[i]->composition == base::Ticks{});
  }
  // 3.4: private_stream_1, aligned, and the key frame marked
  bool first = true;
  for (std::size_t at = 0; at < wire.size(); at += 188) {
    const auto packet = ts::parse_packet(wire.bytes().subspan(at));
    if (packet->pid != 0x100 || !packet->unit_start) continue;
    const auto header = ts::parse_pes_header(packet->payload);
    REQUIRE(header.has_value());
    CHECK(header->stream_id == 0xbd);
    CHECK((packet->payload[6] & 0x04) != 0);
    if (std::exchange(first, false)) CHECK(packet->random_access);
  }
}

TEST_CASE("AV1 frames that are not shown wait for the one that is", "[ts][av1]") {
  const auto head = escaped(sequence_header);
  SECTION("each frame in a packet of its own, as the draft has it") {
    const auto found = units_of({escaped(bytes("1200")) + head + escaped(key_frame), escaped(hidden_frame),
                                 escaped(other_frame), escaped(shown_before)});
    REQUIRE(found.size() == 3);
    CHECK(test::hex(found[1].payload) == test::hex(hidden_frame + other_frame));
    CHECK(found[1].dts.count() == 9000 + 3600);
    CHECK(found[1].composition.count() == 3600);
    CHECK(found[2].composition.count() == 0);
    CHECK(found[0].key);
    CHECK_FALSE(found[1].key);
  }
  SECTION("a delimiter throws away what was never shown") {
    const auto found =
        units_of({head + escaped(key_frame), escaped(hidden_frame), escaped(bytes("1200")) + escaped(other_frame)});
    REQUIRE(found.size() == 2);
    CHECK(test::hex(found[1].payload) == test::hex(other_frame));
    CHECK(found[1].composition.count() == 0);
  }
  SECTION("OBUs without a size get one") {
    const auto found = units_of({escaped(bytes("08 000000043cfeccfbf90040")) + escaped(bytes("30 14001234"))});
    REQUIRE(found.size() == 1);
    CHECK(test::hex(found[0].payload) == test::hex(sequence_header + key_frame));
  }
  SECTION("OBUs without start codes are taken as they are") {
    const auto found = units_of({bytes("1200") + sequence_header + key_frame, other_frame});
    REQUIRE(found.size() == 2);
    CHECK(test::hex(found[0].payload) == test::hex(sequence_header + key_frame));
  }
  SECTION("before its sequence header nothing can be decoded") {
    CHECK(units_of({escaped(other_frame), escaped(key_frame)}).empty());
  }
}

TEST_CASE("an AV1 picture with a hole is left out, and the next one goes on", "[ts][av1]") {
  const auto elementary = ts::make_elementary({.codec = Codec::av1});
  std::vector<ts::AccessUnit> found;
  const auto at = [](std::int64_t pts) {
    return ts::Elementary::Time{.known = true, .pts = base::Ticks(pts), .dts = base::Ticks(pts)};
  };
  elementary->input(escaped(sequence_header) + escaped(key_frame), at(0), found);
  const std::size_t hole[] = {5};
  elementary->mark_holes(hole);
  elementary->input(escaped(other_frame), at(3600), found);
  elementary->mark_holes({});
  elementary->input(escaped(other_frame), at(7200), found);
  REQUIRE(found.size() == 2);
  CHECK(found[1].dts.count() == 7200);
  CHECK(elementary->counts().skipped_bytes > 0);
}

TEST_CASE("rubbish as AV1 does no harm", "[ts][av1]") {
  const auto whole = escaped(sequence_header) + escaped(key_frame) + escaped(other_frame);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    CHECK(units_of({test::ByteVector(whole.begin(), whole.begin() + static_cast<long>(cut)), whole}).size() <= 2);
  }
  std::uint32_t random = 99;
  for (int round = 0; round < 300; ++round) {
    auto broken = whole;
    for (int i = 0; i < 3; ++i) {
      random = random * 1664525 + 1013904223;
      broken[(random >> 8) % broken.size()] = static_cast<std::uint8_t>(random >> 24);
    }
    CHECK(units_of({broken, broken}).size() <= 4);
  }
}

}  // namespace weir::test::ts_av1_test
