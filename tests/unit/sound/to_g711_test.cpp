#include "sound/g711.h"
#include "sound/transcoder.h"
#include "support/catch.h"
#include "support/tone.h"

namespace weir::test::to_g711_test {

// Sound for loudspeakers of devices: 8 kHz, one channel, 20 ms in each frame.
using namespace std::chrono_literals;
using media::Codec;

namespace {

constexpr double level = 0.25 * 0.70710678;

struct Heard {
  std::vector<media::Frame> frames;
  std::vector<float> line;  // at 8 kHz, from time zero
};

template <class Sound>
Heard through(const sound::Recipe& recipe, std::uint8_t channels, Sound sound) {
  const sound::Codecs codecs = test::all_codecs();
  auto transcoder = sound::Transcoder::make(codecs, recipe);
  REQUIRE(transcoder);
  auto encoder = codecs.encoder(recipe.from.codec, {recipe.from.sample_rate, channels, 128'000});
  REQUIRE(encoder);
  const std::size_t count = 3 * recipe.from.sample_rate / (*encoder)->frame_samples();
  Heard out;
  for (const media::Frame& frame :
       test::coded(**encoder, recipe.from.codec, recipe.from.sample_rate, channels, 1s, count, sound)) {
    (*transcoder)->put(frame, out.frames);
  }
  (*transcoder)->flush(out.frames);
  auto decoder = codecs.decoder(sound::outcome_of(recipe));
  REQUIRE(decoder);
  out.line = test::heard(**decoder, out.frames);
  REQUIRE(out.line.size() >= 31'000);
  return out;
}

}  // namespace

TEST_CASE("Opus in stereo becomes G.711 of one channel, in frames of 20 ms without a gap", "[sound]") {
  const Codec to = GENERATE(Codec::pcma, Codec::pcmu);
  const sound::Recipe recipe{.from = test::parameters_of(Codec::opus, 48'000, 2), .to = to, .fill_gaps = true};
  const auto parameters = sound::outcome_of(recipe);
  CHECK(parameters.codec == to);
  CHECK(parameters.sample_rate == 8'000);
  CHECK(parameters.channels == 1);
  const Heard heard = through(recipe, 2, [](double t, std::uint8_t) { return test::tone_at(1000, t); });
  for (std::size_t i = 0; i < heard.frames.size(); ++i) {
    REQUIRE(heard.frames[i].payload.size() == 160);
    if (i > 0) REQUIRE(heard.frames[i].dts - heard.frames[i - 1].dts == 20ms);
  }
  CHECK(20 * std::log10(test::level_at(heard.line, 12'000, 28'000, 1000, 8000) / level) == Approx(0).margin(1));
  CHECK(20 * std::log10(test::level_of(heard.line, 12'000, 28'000) / level) == Approx(0).margin(1));
}

TEST_CASE("what 8 kHz cannot carry is gone, and does not come back lower", "[sound]") {
  const sound::Recipe recipe{.from = test::parameters_of(Codec::opus, 48'000, 1), .to = Codec::pcma};
  const Heard heard = through(recipe, 1, [](double t, std::uint8_t) { return test::tone_at(6000, t); });
  CHECK(20 * std::log10(test::level_of(heard.line, 12'000, 28'000) / level) < -40);
}

TEST_CASE("one law becomes the other", "[sound]") {
  const sound::Recipe recipe{.from = test::parameters_of(Codec::pcmu, 8'000, 1), .to = Codec::pcma};
  const Heard heard = through(recipe, 1, [](double t, std::uint8_t) { return test::tone_at(440, t); });
  CHECK(20 * std::log10(test::level_at(heard.line, 12'000, 28'000, 440, 8000) / level) == Approx(0).margin(0.5));
}

TEST_CASE("an encoder of G.711 takes 8 kHz mono alone, and cuts what is too loud", "[sound]") {
  using sound::g711::Law;
  CHECK_FALSE(sound::g711::Encoder::make(Law::a, {48'000, 1, 0}));
  CHECK_FALSE(sound::g711::Encoder::make(Law::a, {8'000, 2, 0}));
  auto encoder = sound::g711::Encoder::make(Law::a, {8'000, 1, 0});
  REQUIRE(encoder);
  std::vector<float> samples(160, 4.0F);
  samples[1] = -4.0F;
  samples[2] = std::nanf("");
  std::vector<base::SharedBytes> out;
  REQUIRE((*encoder)->encode(samples, out));
  REQUIRE(out.size() == 1);
  CHECK(sound::g711::expand(Law::a, out[0].bytes()[0]) == 32'256);
  CHECK(sound::g711::expand(Law::a, out[0].bytes()[1]) == -32'256);
  CHECK(std::abs(sound::g711::expand(Law::a, out[0].bytes()[2])) <= 8);
  samples.pop_back();
  CHECK_FALSE((*encoder)->encode(samples, out));
}

}  // namespace weir::test::to_g711_test
