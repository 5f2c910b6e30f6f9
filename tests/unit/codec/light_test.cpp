#include "codec/light.h"

#include "codec/hevc.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::light_test {

using codec::Light;
using test::bytes;
using test::operator+;

namespace {

// P3 primaries and 1000 cd/m2, as encoders write "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
const Light::Mastering p3{
    .chromaticity = {13'250, 34'500, 7'500, 3'000, 34'000, 16'000, 15'635, 16'450}, .most = 10'000'000, .least = 1};
// mastering_display_colour_volume: type 137, 24 bytes, of which three zeros get their emulation prevention byte
const std::string mastering = "89 18 33c2 86c4 1d4c 0bb8 84d0 3e80 3d13 4042 00989680 0000030001";
const std::string level = "90 04 03e8 0190";  // content_light_level_info: type 144, 1000 and 400

// An hvcC record of one SPS (Main 10) and no SEI.
const std::string record_head = "01 02 20000000 b00000000000 5d f000 fc fd fa fa 0000 0f";
const std::string sps_array = "a1 0001 0004 42010102";

}  // namespace

TEST_CASE("the brightness of pictures is in SEI of HEVC and H.264", "[codec][light]") {
  const auto hevc = bytes("00000003 460150 00000024 4e01" + mastering + level + "80");
  const auto found = codec::light_of_units(hevc, 4, true);
  CHECK(found == Light{.mastering = p3, .level = Light::Level{1000, 400}});
  const auto whole = bytes("00000008 06" + level + "80");
  CHECK(codec::light_of_units(whole, 4, false) == Light{.mastering = {}, .level = Light::Level{1000, 400}});
  // Another payload before it, of more than 255 bytes.
  const auto far = bytes("0000010b 4e01 05 ff 00") + test::repeat(0xaa, 255) + bytes(level + "80");
  CHECK(codec::light_of_units(far, 4, true).level);
  for (std::size_t size = 0; size < hevc.size(); ++size) codec::light_of_units(base::Bytes(hevc).first(size), 4, true);
}

TEST_CASE("of AV1 it is in metadata OBUs, in other units", "[codec][light]") {
  // OBU of type 5 with a size: HDR_CLL; then HDR_MDCV with red, green, blue in 65536ths
  const auto obus =
      bytes("2a 06 01 03e8 0190 80  2a 1a 02 ae14 51ec 43d7 b0a4 2666 0f5c 500d 5439 0003e800 00000002 80");
  const auto found = codec::light_of_obus(obus);
  REQUIRE(found.level);
  CHECK(found.level->most == 1000);
  REQUIRE(found.mastering);
  CHECK(found.mastering->chromaticity == p3.chromaticity);
  CHECK(found.mastering->most == p3.most);
  CHECK(found.mastering->least == 1);
  for (std::size_t size = 0; size < obus.size(); ++size) codec::light_of_obus(base::Bytes(obus).first(size));
}

TEST_CASE("a record takes it, and says it again", "[codec][light]") {
  const Light light{.mastering = p3, .level = Light::Level{1000, 400}};
  const auto record = bytes(record_head + "01" + sps_array);
  REQUIRE(codec::hevc::parse_configuration(record).has_value());
  CHECK_FALSE(codec::light_of_hevc_record(record).told());
  const base::Buffer with = codec::hevc_record_with(record, light);
  CHECK(codec::light_of_hevc_record(with) == light);
  const auto again = codec::hevc::parse_configuration(with);
  REQUIRE(again.has_value());
  CHECK(again->sps.size() == 1);
  CHECK(codec::hevc_record_with(with, light).size() == with.size());
  CHECK(codec::hevc_record_with(record, {}).size() == record.size());
  // Behind its arrays there is something else: one more would not be read.
  base::Buffer tailed;
  tailed.append(record);
  tailed.append(base::as_bytes("tail"));
  CHECK(codec::hevc_record_with(tailed, light).size() == tailed.size());
  for (std::size_t size = 0; size < with.size(); ++size)
    codec::light_of_hevc_record(base::Bytes(with.bytes()).first(size));
  // av1C: marker and version, profile, level; a sequence header OBU
  const auto av1 = bytes("81 04 0c 00 0a0b000000043cffbd31feeb40");
  const base::Buffer more = codec::av1_record_with(av1, light);
  CHECK(more.size() == av1.size() + 8 + 28);
  CHECK(codec::light_of_obus(more.bytes().subspan(4)) == light);
  CHECK(codec::av1_record_with(more, light).size() == more.size());
}

}  // namespace weir::test::light_test
