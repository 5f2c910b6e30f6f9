#include "sound/resampler.h"

#include "sound/stretch.h"
#include "support/catch.h"
#include "support/tone.h"

namespace weir::test::resampler_test {

namespace {

std::vector<float> tone(double hertz, std::uint32_t rate, std::size_t count, std::size_t channels = 1) {
  std::vector<float> out;
  for (std::size_t n = 0; n < count; ++n) {
    for (std::size_t c = 0; c < channels; ++c) out.push_back(test::tone_at(hertz, static_cast<double>(n) / rate));
  }
  return out;
}

}  // namespace

TEST_CASE("a tone has the same place, pitch and level at 48 kHz", "[sound]") {
  for (const std::uint32_t rate : {8000U, 11'025U, 16'000U, 22'050U, 24'000U, 32'000U, 44'100U, 88'200U, 96'000U}) {
    for (const double hertz : {100.0, 997.0, 3000.0}) {
      CAPTURE(rate, hertz);
      REQUIRE(sound::Resampler::can(rate, 48'000));
      sound::Resampler resampler(rate, 48'000, 1);
      std::vector<float> out;
      resampler.put(tone(hertz, rate, rate / 4), out);
      resampler.flush(out);
      REQUIRE(out.size() == (rate / 4 * 48'000ULL + rate - 1) / rate);
      double worst = 0;
      for (std::size_t n = 500; n + 500 < out.size(); ++n) {
        worst = std::max(worst, std::abs(double{out[n]} - test::tone_at(hertz, static_cast<double>(n) / 48'000)));
      }
      CHECK(worst < 0.25e-2);  // -40 dB of the tone
    }
  }
}

TEST_CASE("resampled sound is the same however it is cut", "[sound]") {
  const std::vector<float> in = tone(440, 44'100, 3000, 2);
  std::vector<float> whole, parts;
  sound::Resampler one(44'100, 48'000, 2), other(44'100, 48'000, 2);
  one.put(in, whole);
  one.flush(whole);
  for (std::size_t at = 0, n = 1; at < in.size(); at += n, n = n % 7 * 2 + 2) {
    n = std::min(n / 2 * 2 + 2, in.size() - at);
    other.put(std::span(in).subspan(at, n), parts);
  }
  other.flush(parts);
  CHECK(whole == parts);
  // It begins anew behind a flush.
  std::vector<float> again;
  one.put(in, again);
  one.flush(again);
  CHECK(again == whole);
}

TEST_CASE("rates that have no small ratio, or are none, are refused", "[sound]") {
  CHECK_FALSE(sound::Resampler::can(0, 48'000));
  CHECK_FALSE(sound::Resampler::can(44'099, 48'000));
  CHECK_FALSE(sound::Resampler::can(1'000'000, 48'000));
}

TEST_CASE("sound is made longer and shorter by single samples, without a click", "[sound]") {
  for (const int by : {3, -3, 0}) {
    CAPTURE(by);
    sound::Stretch stretch(1);
    stretch.set(by, 480);
    std::vector<float> out;
    const std::vector<float> in = tone(300, 48'000, 480 * 10);
    std::int64_t gained = 0;
    for (std::size_t at = 0; at < in.size(); at += 960) gained += stretch.put(std::span(in).subspan(at, 960), out);
    CHECK(gained == by);
    CHECK(static_cast<std::int64_t>(out.size()) == static_cast<std::int64_t>(in.size()) + by);
    float steepest = 0;
    for (std::size_t i = 1; i < out.size(); ++i) steepest = std::max(steepest, std::abs(out[i] - out[i - 1]));
    CHECK(steepest < 0.25 * 2 * 3.15 * 300 / 48'000 * 1.1);
  }
}

}  // namespace weir::test::resampler_test
