#include "media/silence.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::silence_test {

using media::Codec;

TEST_CASE("silence of each codec that has one, and how long it lasts", "[media]") {
  struct Case {
    Codec codec;
    const char* extradata;
    std::uint32_t rate;
    std::uint8_t channels;
    std::size_t bytes;
    std::int64_t tenth;  // when unit 10 begins, in ticks
  };
  const Case cases[] = {
      {Codec::aac, "1190", 48'000, 2, 7, 19'200},     {Codec::aac, "1208", 44'100, 1, 4, 20'897},
      {Codec::aac, "2b920800", 44'100, 2, 7, 41'795},  // HE: a unit of the core, which has half the rate
      {Codec::opus, "", 48'000, 2, 3, 18'000},        {Codec::pcma, "", 8000, 1, 160, 18'000},
      {Codec::pcmu, "", 16'000, 2, 640, 18'000},      {Codec::pcmu, "", 0, 0, 160, 18'000},
  };
  for (const Case& c : cases) {
    media::CodecParameters parameters;
    parameters.codec = c.codec;
    parameters.extradata = base::SharedBytes::copy_of(test::bytes(c.extradata));
    parameters.sample_rate = c.rate;
    parameters.channels = c.channels;
    INFO(c.extradata << " " << c.rate);
    const auto silence = media::silence_of(parameters);
    REQUIRE(silence.has_value());
    CHECK(silence->payload.size() == c.bytes);
    CHECK(silence->at(0).count() == 0);
    CHECK(silence->at(10).count() == c.tenth);
  }
  media::CodecParameters none;
  for (const Codec codec : {Codec::none, Codec::h264, Codec::mp3, Codec::aac}) {
    none.codec = codec;
    CHECK_FALSE(media::silence_of(none).has_value());
  }
  none.codec = Codec::opus;
  none.channels = 6;
  CHECK_FALSE(media::silence_of(none).has_value());
}

}  // namespace weir::test::silence_test
