#include "sound/g711.h"

#include "support/catch.h"

namespace weir::test::g711_test {

using sound::g711::Law;

TEST_CASE("G.711 expands to the values of its tables", "[sound]") {
  CHECK(expand(Law::a, 0xd5) == 8);
  CHECK(expand(Law::a, 0x55) == -8);
  CHECK(expand(Law::a, 0xaa) == 32'256);
  CHECK(expand(Law::a, 0x2a) == -32'256);
  CHECK(expand(Law::mu, 0xff) == 0);
  CHECK(expand(Law::mu, 0x7f) == 0);
  CHECK(expand(Law::mu, 0x80) == 32'124);
  CHECK(expand(Law::mu, 0x00) == -32'124);
}

TEST_CASE("G.711 compresses each of its values to itself, and others to the nearest", "[sound]") {
  for (const Law law : {Law::a, Law::mu}) {
    for (int code = 0; code < 256; ++code) {
      const auto one = static_cast<std::uint8_t>(code);
      if (law == Law::mu && one == 0x7f) continue;  // its second zero
      CHECK(int{compress(law, expand(law, one))} == code);
    }
    for (int sample = -32'768; sample < 32'768; sample += 7) {
      const int back = expand(law, compress(law, static_cast<std::int16_t>(sample)));
      const int most = std::max(16, std::abs(sample) / 16);
      CHECK(std::abs(back - sample) <= most);
    }
  }
}

TEST_CASE("G.711 decodes bytes to samples", "[sound]") {
  sound::g711::Decoder decoder(Law::a, 0, 0);
  sound::Pcm pcm;
  REQUIRE(decoder.decode(base::Bytes(std::array<std::uint8_t, 2>{0xaa, 0x55}), pcm));
  CHECK(pcm.rate == 8000);
  CHECK(pcm.channels == 1);
  REQUIRE(pcm.count() == 2);
  CHECK(pcm.samples[0] == Approx(32'256 / 32'768.0));
  CHECK_FALSE(decoder.decode({}, pcm));
}

}  // namespace weir::test::g711_test
