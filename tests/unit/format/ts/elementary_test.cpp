#include "format/ts/elementary.h"

#include "codec/aac.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::elementary_test {

using media::Codec;
using test::bytes;
using test::operator+;

namespace {

using Time = ts::Elementary::Time;

Time at(std::int64_t pts) { return {.known = true, .pts = base::Ticks(pts), .dts = base::Ticks(pts)}; }

test::ByteVector adts(std::uint8_t fill, std::size_t size) {
  test::ByteVector frame(codec::aac::adts_header_bytes);
  const auto written = codec::aac::write_adts_header(
      frame, {.object_type = 2, .channel_configuration = 2, .channels = 2, .sample_rate = 48'000}, size);
  REQUIRE(written.has_value());
  return frame + test::repeat(fill, size);
}

// A stream of one picture of 8x8 macroblocks: delimiter, parameter sets as x264 writes them, a slice of a few bytes.
const auto sps = bytes("00000001 67 42c00a da10 9a10 0000 0300 1000 0003 0320 f122 6a");
const auto pps = bytes("00000001 68 ce0f c8");
const auto delimiter = bytes("00000001 09f0");
const auto idr = bytes("000001 65 88842333");
const auto slice = bytes("000001 41 9a2233");

}  // namespace

TEST_CASE("AAC frames over the ends of PES packets keep their times", "[ts]") {
  const auto wire = adts(1, 100) + adts(2, 50) + adts(3, 70) + adts(4, 30);
  constexpr std::int64_t step = 1024 * 90'000 / 48'000;
  for (std::size_t cut = 1; cut < wire.size(); ++cut) {
    const auto elementary = ts::make_elementary({.codec = Codec::aac});
    std::vector<ts::AccessUnit> found;
    elementary->input(base::Bytes(wire).first(cut), at(9000), found);
    // the time of the first frame that begins in the second packet; nothing begins there behind the last header
    const std::size_t starts[] = {0, 107, 164, 241};
    std::int64_t index = 0;
    while (index < 4 && starts[index] < cut) ++index;
    elementary->input(base::Bytes(wire).subspan(cut), index < 4 ? at(9000 + index * step) : Time{}, found);
    INFO("cut " << cut);
    REQUIRE(found.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      REQUIRE(found[i].dts.count() == 9000 + static_cast<std::int64_t>(i) * step);
      REQUIRE(found[i].payload.bytes()[0] == i + 1);
    }
    REQUIRE(found[0].parameters->sample_rate == 48'000);
    REQUIRE(test::hex(found[0].parameters->extradata) == test::hex(bytes("1190")));
  }
}

TEST_CASE("rubbish between AAC frames is passed over and counted", "[ts]") {
  const auto elementary = ts::make_elementary({.codec = Codec::aac});
  std::vector<ts::AccessUnit> found;
  elementary->input(bytes("ff 00 ff f0 12") + adts(1, 20) + test::repeat(0xff, 9) + adts(2, 20), at(0), found);
  REQUIRE(found.size() == 2);
  CHECK(elementary->counts().skipped_bytes == 14);
  elementary->lose(30);  // about one frame
  elementary->input(adts(3, 20), {}, found);
  REQUIRE(found.size() == 3);
  CHECK(std::abs((found[2].dts - found[0].dts - 3 * (found[1].dts - found[0].dts)).count()) <= 2);
  CHECK(elementary->counts().without_time == 0);
}

TEST_CASE("pictures become access units without delimiter and parameter sets", "[ts]") {
  const auto elementary = ts::make_elementary({.codec = Codec::h264});
  std::vector<ts::AccessUnit> found;
  elementary->input(delimiter + slice, at(0), found);
  CHECK(found.empty());  // before the parameter sets
  CHECK(elementary->counts().before_header == 1);
  elementary->input(delimiter + sps + pps + idr, {.known = true, .pts = base::Ticks(7200), .dts = base::Ticks(3600)},
                    found);
  REQUIRE(found.size() == 1);
  CHECK(found[0].key);
  CHECK(found[0].dts.count() == 3600);
  CHECK(found[0].composition.count() == 3600);
  CHECK(test::hex(found[0].payload) == test::hex(bytes("00000005 65 88842333")));
  CHECK(found[0].parameters->codec == Codec::h264);

  // two pictures in one PES packet: the second is a step later
  found.clear();
  elementary->input(delimiter + slice + delimiter + slice, at(7200), found);
  REQUIRE(found.size() == 2);
  CHECK(found[1].dts.count() == 10'800);
  CHECK_FALSE(found[1].key);
  CHECK(found[1].parameters == found[0].parameters);

  // without a time only what begins with a delimiter
  found.clear();
  elementary->input(slice, {}, found);
  CHECK(found.empty());
  elementary->input(delimiter + slice, {}, found);
  REQUIRE(found.size() == 1);
  CHECK(found[0].dts.count() == 14'400);
}

TEST_CASE("the same parameter sets again change nothing, others do", "[ts]") {
  const auto elementary = ts::make_elementary({.codec = Codec::h264});
  std::vector<ts::AccessUnit> found;
  elementary->input(delimiter + sps + pps + idr, at(0), found);
  elementary->input(delimiter + sps + pps + idr, at(3600), found);
  auto other = pps;
  other.back() ^= 0x10;
  elementary->input(delimiter + sps + other + idr, at(7200), found);
  REQUIRE(found.size() == 3);
  CHECK(found[0].parameters == found[1].parameters);
  CHECK(found[1].parameters != found[2].parameters);
}

TEST_CASE("Opus packets stand behind their control header", "[ts]") {
  const auto elementary = ts::make_elementary({.codec = Codec::opus, .channels = 2});
  std::vector<ts::AccessUnit> found;
  // config 19 (CELT, 20 ms), stereo, one frame; 3 bytes, then 255 + 1 bytes with a start trim of 312 samples
  const auto long_packet = bytes("9c") + test::repeat(7, 255);
  elementary->input(bytes("7fe0 03 9c0102") + bytes("7ff0 ff01 0138") + long_packet, at(900), found);
  REQUIRE(found.size() == 2);
  CHECK(test::hex(found[0].payload) == "9c0102");
  CHECK(found[1].payload.size() == 256);
  CHECK(found[1].dts.count() == 900 + 1800);
  elementary->input(bytes("7fe0 ff"), at(0), found);
  elementary->input(bytes("1234 03 9c0102"), at(0), found);
  CHECK(found.size() == 2);
  CHECK(elementary->counts().skipped_bytes > 0);
}

TEST_CASE("Opus of more than two channels has its streams in the order of Vorbis", "[ts]") {
  for (const std::uint8_t channels : {std::uint8_t{3}, std::uint8_t{6}, std::uint8_t{8}}) {
    const auto elementary = ts::make_elementary({.codec = media::Codec::opus, .channels = channels});
    std::vector<ts::AccessUnit> out;
    elementary->input(test::bytes("7fe0 03 fc0102"), {.known = true}, out);
    REQUIRE(out.size() == 1);
    CHECK(out[0].parameters->channels == channels);
    const auto head = out[0].parameters->extradata.bytes();
    REQUIRE(head.size() == 21U + channels);
    CHECK(head[18] == 1);
    unsigned sum = head[19] + head[20];  // streams, and the coupled ones give two channels
    CHECK(sum == channels);
  }
}

TEST_CASE("layers I and II are not MP3", "[ts]") {
  const auto elementary = ts::make_elementary({.codec = media::Codec::mp3});
  test::ByteVector frame(144 * 192'000 / 48'000, 0);
  frame[0] = 0xff, frame[1] = 0xfd, frame[2] = 0xa4;  // layer II, 192 kb/s, 48 kHz
  std::vector<ts::AccessUnit> out;
  for (int i = 0; i < 2; ++i) elementary->input(frame, {.known = true}, out);
  REQUIRE(out.size() == 2);
  CHECK(out[0].parameters->codec == media::Codec::mp2);
  CHECK(out[0].parameters->sample_rate == 48'000);
  const auto carriage = ts::carriage_of(*out[0].parameters);
  REQUIRE(carriage.has_value());
  CHECK(carriage->stream_type == 0x03);
}

}  // namespace weir::test::elementary_test
