#include "sound/transcoder.h"

#include "base/text.h"
#include "codec/aac.h"
#include "sound/error.h"
#include "sound/g711.h"
#include "support/catch.h"
#include "support/tone.h"

namespace weir::test::transcoder_test {

using namespace std::chrono_literals;
using media::Codec;

namespace {

struct Case {
  Codec from, to;
  std::uint32_t rate;
  std::uint8_t channels;
};

std::string name_of(const Case& c) {
  return std::string(media::name_of(c.from)) + " of " + std::to_string(c.rate) + " Hz, " + std::to_string(c.channels) +
         " channels, to " + std::string(media::name_of(c.to));
}

sound::Recipe recipe_of(const Case& c) {
  base::Buffer extradata;
  if (c.from == Codec::aac) extradata = codec::aac::build_configuration(2, c.rate, c.channels);
  return {.from = test::parameters_of(c.from, c.rate, c.channels, extradata), .to = c.to, .bitrate_bps = 96'000};
}

template <class Sound>
std::vector<media::Frame> source(const sound::Codecs& codecs, const Case& c, double seconds, Sound sound) {
  if (c.from == Codec::pcma || c.from == Codec::pcmu) {
    const auto law = c.from == Codec::pcma ? sound::g711::Law::a : sound::g711::Law::mu;
    std::vector<media::Frame> out;
    for (std::size_t k = 0; k < static_cast<std::size_t>(seconds * 50); ++k) {
      base::Buffer bytes;
      for (std::size_t n = 0; n < 160; ++n) {
        const float value = sound(static_cast<double>(k * 160 + n) / 8000, std::uint8_t{0});
        bytes.append(sound::g711::compress(law, static_cast<std::int16_t>(value * 32'767)));
      }
      out.push_back({.codec = c.from,
                     .dts = 1s + base::Ticks(1800 * static_cast<std::int64_t>(k)),
                     .payload = base::SharedBytes::copy_of(bytes)});
    }
    return out;
  }
  auto encoder = codecs.encoder(c.from, {c.rate, c.channels, 128'000});
  REQUIRE(encoder);
  const auto frames = static_cast<std::size_t>(seconds * c.rate) / (*encoder)->frame_samples();
  return test::coded(**encoder, c.from, c.rate, c.channels, 1s, frames, sound);
}

std::vector<media::Frame> through(sound::Transcoder& transcoder, const std::vector<media::Frame>& in) {
  std::vector<media::Frame> out;
  for (const media::Frame& frame : in) transcoder.put(frame, out);
  transcoder.flush(out);
  for (std::size_t i = 1; i < out.size(); ++i) REQUIRE(out[i].dts > out[i - 1].dts);
  return out;
}

std::vector<float> decoded(const sound::Codecs& codecs, const sound::Recipe& recipe,
                           const std::vector<media::Frame>& frames, std::size_t channel = 0) {
  auto decoder = codecs.decoder(sound::outcome_of(recipe));
  REQUIRE(decoder);
  return test::heard(**decoder, frames, channel);
}

std::vector<Case> cases(const sound::Codecs& codecs) {
  if (!codecs.plugin()) {
    WARN("without the plug-in only Opus to Opus is tried");
    return {{Codec::opus, Codec::opus, 48'000, 2}, {Codec::pcma, Codec::opus, 8000, 1}};
  }
  return {{Codec::aac, Codec::opus, 44'100, 2}, {Codec::aac, Codec::opus, 48'000, 2},
          {Codec::aac, Codec::opus, 22'050, 1}, {Codec::aac, Codec::opus, 8000, 1},
          {Codec::opus, Codec::aac, 48'000, 2}, {Codec::opus, Codec::aac, 48'000, 1},
          {Codec::pcma, Codec::aac, 8000, 1},   {Codec::pcmu, Codec::opus, 8000, 1}};
}

}  // namespace

TEST_CASE("a sweep comes out of each direction in its place", "[sound]") {
  const sound::Codecs codecs = test::all_codecs();
  for (const Case& c : cases(codecs)) {
    const std::string which = name_of(c);
    CAPTURE(which);
    const sound::Recipe recipe = recipe_of(c);
    auto transcoder = sound::Transcoder::make(codecs, recipe);
    REQUIRE(transcoder);
    const auto chirp = [](double t, std::uint8_t) { return test::chirp_at(t); };
    const auto out = through(**transcoder, source(codecs, c, 3, chirp));
    const std::vector<float> line = decoded(codecs, recipe, out);
    REQUIRE(line.size() > 48'000 * 3 + 24'000);
    std::vector<float> meant(line.size());
    for (std::size_t n = 48'000; n < meant.size(); ++n) meant[n] = test::chirp_at(static_cast<double>(n) / 48'000);
    const int delay = test::delay_of(meant, line, 84'000, 108'000, 300);
    INFO("samples too late: " << delay);
    CHECK(std::abs(delay) <= 48);  // 1 ms
    CHECK((*transcoder)->counts().bad_packets == 0);
    CHECK((*transcoder)->counts().gaps == 0);
  }
}

TEST_CASE("pitch and level are kept in each direction", "[sound]") {
  const sound::Codecs codecs = test::all_codecs();
  for (const Case& c : cases(codecs)) {
    for (const double hertz : {220.0, 1000.0, 3100.0}) {
      const std::string which = name_of(c);
      CAPTURE(which, hertz);
      const sound::Recipe recipe = recipe_of(c);
      auto transcoder = sound::Transcoder::make(codecs, recipe);
      REQUIRE(transcoder);
      const auto tone = [&](double t, std::uint8_t channel) {
        return channel == 0 ? test::tone_at(hertz, t) : test::tone_at(hertz / 2, t, 0.125);
      };
      const auto out = through(**transcoder, source(codecs, c, 2, tone));
      const std::vector<float> left = decoded(codecs, recipe, out);
      const double meant = 0.25 / std::sqrt(2.0);
      CHECK(20 * std::log10(test::level_at(left, 72'000, 120'000, hertz, 48'000) / meant) == Approx(0).margin(1));
      CHECK(20 * std::log10(test::level_of(left, 72'000, 120'000) / meant) == Approx(0).margin(1));
      if (c.channels < 2) continue;
      const std::vector<float> right = decoded(codecs, recipe, out, 1);
      CHECK(20 * std::log10(test::level_at(right, 72'000, 120'000, hertz / 2, 48'000) / meant) ==
            Approx(-6).margin(1.5));
    }
  }
}

TEST_CASE("what nobody can make is said, and what a plug-in would make when there is none", "[sound]") {
  const sound::Codecs core;
  const sound::Recipe aac{.from = test::parameters_of(Codec::aac, 44'100, 2), .to = Codec::opus};
  CHECK(sound::outcome_of(aac).codec == Codec::opus);
  CHECK(sound::Transcoder::make(core, aac).error() == sound::Errc::no_codec);
  const sound::Recipe flac{.from = test::parameters_of(Codec::flac, 44'100, 2), .to = Codec::opus};
  CHECK(sound::outcome_of(flac).codec == Codec::none);
  const sound::Recipe made{.from = test::parameters_of(Codec::opus, 48'000, 2), .to = Codec::aac};
  CHECK(sound::outcome_of(made).profile == "LC");
  CHECK(sound::outcome_of(made).sample_rate == 48'000);
}

TEST_CASE("a library that is none, or not there, is refused with words", "[sound]") {
  std::string reason;
  CHECK(sound::Plugin::load("/nowhere/libweir_avcodec.so", reason).error() == sound::Errc::no_file);
  CHECK_FALSE(reason.empty());
  reason.clear();
  CHECK(sound::Plugin::load(WEIR_SOURCE_DIR "/LICENSE", reason).error() == sound::Errc::not_loaded);
  CHECK_FALSE(reason.empty());
}

}  // namespace weir::test::transcoder_test
