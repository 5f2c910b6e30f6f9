#include "codec/hevc.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::hevc_test {

using codec::Errc;
namespace hevc = codec::hevc;
using test::bytes;

namespace {

struct Sample {
  const char* vps;
  const char* sps;
  std::uint32_t width, height;
  double rate;
  const char* profile;
  const char* level;
  std::uint8_t bits;
};

// x265 through ffmpeg 5.1; the sizes and rates are what it was asked for.
const Sample samples[] = {
    {"40010c01ffff016000000300900000030000030078959409",
     "420101016000000300900000030000030078a003c0801107cb965654a4c2f0168080000003008000000f04", 1920, 1080, 30, "Main",
     "4", 8},
    {"40010c01ffff022000000300900000030000030078959409",
     "420101022000000300900000030000030078a00280802d136595952930bc05a020000003002000000641", 1280, 720, 50, "Main10",
     "4", 10},
    {"40010c01ffff01600000030090000003000003003f959409",
     "42010101600000030090000003000003003fa005020171f2e595952930bc05a02000007d20000bb801", 640, 360, 24000 / 1001.0,
     "Main", "2.1", 8},
    {"40010c01ffff0408000003009d08000003000078959409",
     "4201010408000003009d08000003000078b003c0801107c4b6595952930bc05a020000030002000003003210", 1920, 1080, 25, "Rext",
     "4", 10},
};

}  // namespace

TEST_CASE("HEVC sequence parameter sets of x265 are read", "[hevc]") {
  for (const Sample& sample : samples) {
    INFO(sample.width << "x" << sample.height);
    const auto sps = hevc::parse_sps(bytes(sample.sps));
    REQUIRE(sps.has_value());
    CHECK(sps->width == sample.width);
    CHECK(sps->height == sample.height);
    CHECK(sps->frame_rate == Approx(sample.rate));
    CHECK(sps->luma_bits == sample.bits);
    CHECK(hevc::profile_text(sps->profile_tier_level.profile) == sample.profile);
    CHECK(hevc::level_text(sps->profile_tier_level.level) == sample.level);
    const auto rate = hevc::parse_vps_frame_rate(bytes(sample.vps));
    REQUIRE(rate.has_value());
    CHECK(*rate == 0);  // x265 says it in the SPS alone
  }
}

TEST_CASE("an HEVC SPS cut at each length never reads beyond", "[hevc]") {
  for (const Sample& sample : samples) {
    const auto nal = bytes(sample.sps);
    for (std::size_t size = 0; size < nal.size(); ++size) {
      const test::ByteVector part(nal.begin(), nal.begin() + static_cast<std::ptrdiff_t>(size));
      const auto sps = hevc::parse_sps(part);
      if (sps) CHECK(sps->width == sample.width);
    }
  }
}

TEST_CASE("garbage in place of an HEVC SPS is an error that says what", "[hevc]") {
  CHECK(hevc::parse_sps({}).error() == Errc::empty);
  CHECK(hevc::parse_sps(bytes("4001 0c01")).error() == Errc::wrong_nal_type);
  CHECK(hevc::parse_sps(bytes("42")).error() == Errc::truncated);
  CHECK(hevc::parse_sps(bytes("4201 0f ffffffff")).error() == Errc::bad_parameter);  // eight sub-layers
  CHECK(hevc::parse_sps(bytes("4201 01 01600000")).error() == Errc::truncated);
  // id 0, chroma 1, width 0 after the levels
  CHECK(hevc::parse_sps(bytes("4201 01 01 60000000 900000000000 5d 80ff ffff ffff")).has_error());
}

TEST_CASE("an HEVC configuration record is built and read", "[hevc]") {
  const auto vps = bytes(samples[1].vps), sps = bytes(samples[1].sps), pps = bytes("4401c073c189");
  const base::Bytes vps_list[] = {vps}, sps_list[] = {sps}, pps_list[] = {pps};
  const auto record = hevc::build_configuration(vps_list, sps_list, pps_list);
  // version; profile 2; compatibility; constraints; level 120; segmentation, parallelism, chroma 1, 10 bits twice, rate
  // 0
  CHECK(test::hex(base::Bytes(record).first(23)) ==
        "01"
        "02"
        "20000000"
        "900000000000"
        "78"
        "f000"
        "fc"
        "fd"
        "fa"
        "fa"
        "0000"
        "0f"
        "03");
  const auto parsed = hevc::parse_configuration(record);
  REQUIRE(parsed.has_value());
  CHECK(parsed->nal_length_bytes == 4);
  CHECK(parsed->profile_tier_level.profile == 2);
  CHECK(parsed->profile_tier_level.level == 120);
  REQUIRE((parsed->vps.size() == 1 && parsed->sps.size() == 1 && parsed->pps.size() == 1));
  CHECK(test::hex(parsed->vps[0]) == test::hex(vps));
  CHECK(test::hex(parsed->sps[0]) == test::hex(sps));
  CHECK(test::hex(parsed->pps[0]) == test::hex(pps));
  for (std::size_t size = 0; size < record.size(); ++size) {
    const auto part = hevc::parse_configuration(base::Bytes(record).first(size));
    CHECK(part.has_error());
  }
}

TEST_CASE("HEVC random access pictures are told by type", "[hevc]") {
  CHECK(hevc::has_random_access(bytes("00000003 260100"), 4));        // IDR_W_RADL, 19
  CHECK(hevc::has_random_access(bytes("00000003 2a0100"), 4));        // CRA, 21
  CHECK_FALSE(hevc::has_random_access(bytes("00000003 020100"), 4));  // TRAIL_R
}

}  // namespace weir::test::hevc_test
