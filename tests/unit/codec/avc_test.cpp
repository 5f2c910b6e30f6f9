#include "codec/avc.h"

#include "codec/nal.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::avc_test {

using codec::Errc;
namespace avc = codec::avc;
using test::bytes;
using test::operator+;

namespace {

struct Sample {
  const char* origin;
  const char* sps;
  std::uint32_t width, height;
  double rate;
  const char* profile;
  const char* level;
};

// x264 through ffmpeg 5.1, OpenH264 through GStreamer 1.22; the sizes and rates are what they were asked for.
const Sample samples[] = {
    {"x264", "6742c028da01e0089f970110000003001000000303c0f1832a", 1920, 1080, 30, "Baseline(Constrained)", "4"},
    {"x264", "6742c020da014016ec0440000003004000001e03c60ca8", 1280, 720, 60, "Baseline(Constrained)", "3.2"},
    {"x264", "6742c01eda0280f6c044000003000400000300c83c58ba80", 640, 480, 25, "Baseline(Constrained)", "3"},
    {"x264", "6742c01fda0360f79bc04400000fa40003a9803c60ca80", 854, 480, 30000 / 1001.0, "Baseline(Constrained)",
     "3.1"},
    {"x264 10 bit", "6e0020a6cb402b030f3780880000030008000003018078c195", 1366, 768, 24, "High(10)", "3.2"},
    {"x264 4:2:2", "677a001ebcb405a0936022000003000200000300641e2c5d40", 720, 576, 25, "High(422)", "3"},
    {"x264 4:4:4", "67f4000d91968150878f8fc044000003000400000300c83c50aa80", 322, 242, 25, "High(444+Predictive)",
     "1.3"},
    {"x264 interlaced", "67640028acd94078044fde0220000003002000000643e2c5b2c0", 1920, 1080, 25, "High", "4"},
};

}  // namespace

TEST_CASE("sequence parameter sets of encoders are read", "[avc]") {
  for (const Sample& sample : samples) {
    INFO(sample.origin << " " << sample.width << "x" << sample.height);
    auto nal = bytes(sample.sps);
    if (nal[0] == 0x6e) nal.insert(nal.begin(), 0x67);
    const auto sps = avc::parse_sps(nal);
    REQUIRE(sps.has_value());
    CHECK(sps->width == sample.width);
    CHECK(sps->height == sample.height);
    CHECK(sps->frame_rate == Approx(sample.rate));
    CHECK(avc::profile_text(sps->profile, sps->constraints) == sample.profile);
    CHECK(avc::level_text(sps->profile, sps->constraints, sps->level) == sample.level);
  }
  CHECK(avc::parse_sps(bytes(samples[7].sps))->interlaced);
  CHECK(avc::parse_sps(bytes("67" + std::string(samples[4].sps)))->luma_bits == 10);
}

TEST_CASE("an SPS of OpenH264 without timing has no frame rate", "[avc]") {
  const auto sps = avc::parse_sps(bytes("6742c01e8c8d405a1afcd00f08846a"));
  REQUIRE(sps.has_value());
  CHECK(sps->width == 720);
  CHECK(sps->height == 406);
  CHECK(sps->frame_rate == 0);
}

TEST_CASE("garbage in place of an SPS is an error that says what", "[avc]") {
  CHECK(avc::parse_sps({}).error() == Errc::empty);
  CHECK(avc::parse_sps(bytes("68ee3cb0")).error() == Errc::wrong_nal_type);
  CHECK(avc::parse_sps(bytes("67")).error() == Errc::truncated);
  CHECK(avc::parse_sps(bytes("67 42c01e 00000000 00000000")).error() == Errc::truncated);
  // profile 100, level 3, id 0, chroma_format_idc 4 (00101)
  CHECK(avc::parse_sps(bytes("67 64001e 94 ffffff")).error() == Errc::bad_chroma_format);
  // id 0, frame_num 0, poc type 0, lsb 0, refs 1, no gaps: then a width of 2^16 macroblocks and more
  CHECK(avc::parse_sps(bytes("67 42001e f4 0000ffffffff ffffffffffffff")).has_error());
  unsigned errors = 0;
  for (unsigned seed = 1; seed < 2000; ++seed) {
    test::ByteVector nal{0x67};
    std::uint32_t random = seed;
    for (int i = 0; i < 40; ++i) {
      random = random * 1'664'525 + 1'013'904'223;
      nal.push_back(static_cast<std::uint8_t>(random >> 24));
    }
    const auto sps = avc::parse_sps(nal);
    if (!sps) ++errors;
    if (sps) CHECK((sps->width > 0 && sps->width <= 16'384 && sps->height > 0 && sps->height <= 16'384));
  }
  CHECK(errors > 900);
}

TEST_CASE("an SPS cut at each length never reads beyond", "[avc]") {
  for (const Sample& sample : samples) {
    const auto nal = bytes(sample.sps);
    for (std::size_t size = 0; size < nal.size(); ++size) {
      const test::ByteVector part(nal.begin(), nal.begin() + static_cast<std::ptrdiff_t>(size));
      const auto sps = avc::parse_sps(part);
      if (sps) CHECK(sps->width == sample.width);  // only the VUI is lost
    }
  }
}

TEST_CASE("an AVC configuration record is built and read", "[avc]") {
  const auto sps = bytes(samples[7].sps), pps = bytes("68ebecb22c");
  const base::Bytes sps_list[] = {sps}, pps_list[] = {pps};
  const auto record = avc::build_configuration(sps_list, pps_list);
  // version, profile 100, constraints 0, level 40, length size 4, one SPS of 27 bytes
  CHECK(test::hex(base::Bytes(record).first(8)) == "01640028ffe1001a");
  // chroma 4:2:0, 8 bits, 8 bits, no extension
  CHECK(test::hex(base::Bytes(record).last(4)) == "fdf8f800");
  const auto parsed = avc::parse_configuration(record);
  REQUIRE(parsed.has_value());
  CHECK(parsed->profile == 100);
  CHECK(parsed->nal_length_bytes == 4);
  REQUIRE(parsed->sps.size() == 1);
  REQUIRE(parsed->pps.size() == 1);
  CHECK(test::hex(parsed->sps[0]) == test::hex(sps));
  CHECK(test::hex(parsed->pps[0]) == test::hex(pps));
}

TEST_CASE("an AVC configuration record that lies is refused", "[avc]") {
  CHECK(avc::parse_configuration({}).error() == Errc::empty);
  CHECK(avc::parse_configuration(bytes("01 64001f")).error() == Errc::truncated);
  CHECK(avc::parse_configuration(bytes("00 64001f ff e1 0001 67 00")).error() == Errc::bad_version);
  CHECK(avc::parse_configuration(bytes("01 64001f fe e1 0001 67 00")).error() == Errc::bad_nal_length);
  CHECK(avc::parse_configuration(bytes("01 64001f ff e1 ffff 67 00")).error() == Errc::length_past_end);
  CHECK(avc::parse_configuration(bytes("01 64001f ff e0 00")).error() == Errc::no_sequence_parameters);
  CHECK(avc::parse_configuration(bytes("01 64001f ff ff 0001 67 0001 67")).error() == Errc::truncated);
}

TEST_CASE("H.264 levels and profiles are named", "[avc]") {
  CHECK(avc::level_text(66, 0x10, 11) == "1b");
  CHECK(avc::level_text(100, 0, 9) == "1b");
  CHECK(avc::level_text(100, 0, 51) == "5.1");
  CHECK(avc::level_text(100, 0, 40) == "4");
  CHECK(avc::profile_text(77, 0) == "Main");
  CHECK(avc::profile_text(66, 0) == "Baseline");
  CHECK(avc::profile_text(118, 0) == "Other");
}

TEST_CASE("length prefixes and start codes are changed into each other", "[nal]") {
  const auto units = bytes("00000002 6742 00000001 68 00000003 650102");
  base::Buffer stream;
  REQUIRE(codec::nal::append_annex_b(units, 4, stream).has_value());
  CHECK(test::hex(stream) ==
        "0000000167420000000168"
        "00000001650102");
  base::Buffer back;
  codec::nal::append_length_prefixed(stream, back);
  CHECK(test::hex(back) == test::hex(units));
  CHECK(avc::has_idr(units, 4));
  CHECK_FALSE(avc::has_idr(bytes("00000001 41"), 4));
}

TEST_CASE("start codes of three and four bytes, and zeros behind units, are found", "[nal]") {
  codec::nal::AnnexB units(bytes("ff 000001 09f0 00000001 6742 0000 000001 65 00"));
  const auto in = bytes("ff 000001 09f0 00000001 6742 0000 000001 65 00");
  units = codec::nal::AnnexB(in);
  CHECK(test::hex(*units.next()) == "09f0");
  CHECK(test::hex(*units.next()) == "6742");
  CHECK(test::hex(*units.next()) == "65");
  CHECK_FALSE(units.next());
  CHECK_FALSE(codec::nal::AnnexB(base::Bytes()).next());
  const auto none = bytes("0000 02 0000");
  CHECK_FALSE(codec::nal::AnnexB(none).next());
}

TEST_CASE("a NAL length that points past the end ends the walk", "[nal]") {
  const auto in = bytes("0001 65 0005 41");
  codec::nal::LengthPrefixed units(in, 2);
  CHECK(units.next());
  CHECK_FALSE(units.next());
  CHECK_FALSE(units.ok());
  base::Buffer out;
  CHECK(codec::nal::append_annex_b(in, 2, out).error() == Errc::length_past_end);
}

}  // namespace weir::test::avc_test
