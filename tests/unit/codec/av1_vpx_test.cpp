#include "codec/av1.h"
#include "codec/vpx.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::av1_vpx_test {

using codec::Errc;
namespace av1 = codec::av1;
namespace vpx = codec::vpx;
using test::bytes;

// Made by SVT-AV1 and libaom through ffmpeg 5.1: 320x180.
static const char* const svt_unit = "1200 0a0b000000043cfeccfbf90040 320414001234";
static const char* const svt_record = "81000c00 0a0b000000043cfecc02f80040";
static const char* const aom_record = "81000c00 0a0b000000043cfeccfff98040";

TEST_CASE("AV1 sequence headers of encoders are read", "[av1]") {
  for (const char* record : {svt_record, aom_record}) {
    const auto bytes_of_record = bytes(record);
    const auto configuration = av1::parse_configuration(bytes_of_record);
    REQUIRE(configuration.has_value());
    CHECK(configuration->profile == 0);
    CHECK(av1::profile_text(configuration->profile) == "Main");
    CHECK(av1::level_text(configuration->level) == "2.0");
    av1::Obus obus(configuration->obus);
    const auto obu = obus.next();
    REQUIRE(obu.has_value());
    CHECK(obu->type == av1::ObuType::sequence_header);
    const auto header = av1::parse_sequence_header(obu->payload);
    REQUIRE(header.has_value());
    CHECK(header->width == 320);
    CHECK(header->height == 180);
    CHECK(header->bits == 8);
    CHECK((header->subsampling_x && header->subsampling_y));
    CHECK_FALSE(header->monochrome);
  }
}

TEST_CASE("an AV1 configuration record is built as the encoders build it", "[av1]") {
  const auto record = bytes(aom_record);
  const auto built = av1::build_configuration(base::Bytes(record).subspan(4));
  CHECK(test::hex(built) == test::hex(record));
  CHECK(av1::build_configuration(bytes("12 00")).empty());
}

TEST_CASE("an AV1 temporal unit is walked, and its key frame found", "[av1]") {
  const auto unit = bytes(svt_unit);
  av1::Obus obus(unit);
  CHECK(obus.next()->type == av1::ObuType::temporal_delimiter);
  CHECK(obus.next()->type == av1::ObuType::sequence_header);
  const auto frame = obus.next();
  CHECK(frame->type == av1::ObuType::frame);
  CHECK(test::hex(frame->payload) == "14001234");
  CHECK_FALSE(obus.next());
  CHECK(obus.ok());
  CHECK(av1::is_key(unit));
  CHECK_FALSE(av1::is_key(bytes("1200 320434001234")));  // an inter frame
  CHECK_FALSE(av1::is_key(bytes("1200 320414001234")));  // a key frame, but no sequence header
  CHECK(av1::without_temporal_delimiter(unit).size() == unit.size() - 2);
  CHECK(av1::without_temporal_delimiter(base::Bytes(unit).subspan(2)).size() == unit.size() - 2);
}

TEST_CASE("bad AV1 is an error or the end of the walk", "[av1]") {
  for (const char* bad : {"32 7f 00", "32", "32 ffffffffffffffff7f", "b2 00", "36 00"}) {
    INFO(bad);
    const auto in = bytes(bad);
    av1::Obus obus(in);
    while (obus.next()) {
    }
    CHECK_FALSE(obus.ok());
  }
  CHECK(av1::parse_configuration({}).error() == Errc::empty);
  CHECK(av1::parse_configuration(bytes("810004")).error() == Errc::truncated);
  CHECK(av1::parse_configuration(bytes("01000c00")).error() == Errc::bad_version);
  CHECK(av1::parse_sequence_header(bytes("e0000000")).error() == Errc::bad_profile);
  const auto payload = bytes("000000043cfeccfbf90040");
  for (std::size_t size = 0; size + 1 < payload.size(); ++size) {
    const auto header = av1::parse_sequence_header(base::Bytes(payload).first(size));
    if (header) CHECK(header->width == 320);
  }
}

TEST_CASE("a VP9 key frame says its size", "[vp9]") {
  // libvpx: 2 frame marker, profile 0, key, shown, sync code, colours, 320x180
  const auto frame = bytes("824983420013f00b360438241c184a00");
  const auto header = vpx::parse_vp9_frame(frame);
  REQUIRE(header.has_value());
  CHECK(header->key);
  CHECK(header->width == 320);
  CHECK(header->height == 180);
  CHECK_FALSE(vpx::parse_vp9_frame(bytes("86000000"))->key);
  CHECK(vpx::parse_vp9_frame(bytes("02")).error() == Errc::bad_sync);
  CHECK(vpx::parse_vp9_frame(bytes("82498343000000000000")).error() == Errc::bad_sync);
  CHECK(vpx::parse_vp9_frame(base::Bytes(frame).first(5)).error() == Errc::truncated);
  CHECK(vpx::parse_vp9_frame({}).error() == Errc::empty);
}

TEST_CASE("a VP8 key frame says its size", "[vp8]") {
  const auto frame = bytes("106200 9d012a 4001 b400 0007");  // libvpx, 320x180
  const auto header = vpx::parse_vp8_frame(frame);
  REQUIRE(header.has_value());
  CHECK(header->key);
  CHECK(header->width == 320);
  CHECK(header->height == 180);
  CHECK_FALSE(vpx::parse_vp8_frame(bytes("116200"))->key);
  CHECK(vpx::parse_vp8_frame(bytes("106200 9d012b 4001 b400")).error() == Errc::bad_sync);
  CHECK(vpx::parse_vp8_frame(bytes("106200 9d01")).error() == Errc::truncated);
  CHECK(vpx::parse_vp8_frame(bytes("106200 9d012a 0000 b400")).error() == Errc::bad_picture_size);
}

TEST_CASE("a VP configuration record is read with and without its box head", "[vp9]") {
  const auto boxed = bytes("01000000 000b 82 020202 0000");  // as ffmpeg writes it to MP4
  for (const auto& record : {boxed, test::ByteVector(boxed.begin() + 4, boxed.end())}) {
    const auto configuration = vpx::parse_configuration(record);
    REQUIRE(configuration.has_value());
    CHECK(configuration->profile == 0);
    CHECK(configuration->level == 11);
    CHECK(vpx::level_text(configuration->level) == "1.1");
    CHECK(configuration->bits == 8);
    CHECK(test::hex(vpx::build_configuration(*configuration)) == "000b820202020000");
  }
  CHECK(vpx::parse_configuration(bytes("00 0b")).error() == Errc::truncated);
  CHECK(vpx::parse_configuration(bytes("07 0b 82")).error() == Errc::bad_profile);
  CHECK(vpx::parse_configuration(bytes("00 0b 72")).error() == Errc::bad_bit_depth);
}

}  // namespace weir::test::av1_vpx_test
