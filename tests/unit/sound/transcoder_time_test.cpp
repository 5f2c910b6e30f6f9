#include <algorithm>

#include "sound/transcoder.h"
#include "support/catch.h"
#include "support/tone.h"

namespace weir::test::transcoder_time_test {

using namespace std::chrono_literals;
using base::Ticks;
using media::Codec;
using media::Frame;

namespace {

// Opus to Opus: the core alone, with everything that has to do with time.
struct Bench {
  explicit Bench(bool fill_gaps = false)
      : recipe{.from = test::parameters_of(Codec::opus, 48'000, 1), .to = Codec::opus, .fill_gaps = fill_gaps},
        transcoder(*sound::Transcoder::make(codecs, recipe)),
        encoder(*codecs.encoder(Codec::opus, {48'000, 1, 32'000})) {}

  // 20 ms of a tone.
  void put(Ticks time) {
    std::vector<float> pcm;
    for (std::size_t n = 0; n < 960; ++n) pcm.push_back(test::tone_at(500, static_cast<double>(n) / 48'000));
    std::vector<base::SharedBytes> packets;
    REQUIRE(encoder->encode(pcm, packets));
    transcoder->put({.codec = Codec::opus, .dts = time, .payload = packets.at(0)}, out);
  }
  // The longest distance between two frames that came out.
  Ticks longest_step() const {
    Ticks longest{};
    for (std::size_t i = 1; i < out.size(); ++i) longest = std::max(longest, out[i].dts - out[i - 1].dts);
    return longest;
  }
  bool grows() const {
    return std::adjacent_find(out.begin(), out.end(), [](const Frame& a, const Frame& b) { return b.dts <= a.dts; }) ==
           out.end();
  }

  sound::Codecs codecs;
  sound::Recipe recipe;
  std::unique_ptr<sound::Transcoder> transcoder;
  std::unique_ptr<sound::AudioEncoder> encoder;
  std::vector<Frame> out;
};

}  // namespace

TEST_CASE("a gap stays a gap, and what follows it is in its place", "[sound]") {
  Bench bench;
  for (int k = 0; k < 50; ++k) bench.put(1s + k * 20ms);
  for (int k = 0; k < 50; ++k) bench.put(7s + k * 20ms);
  bench.transcoder->flush(bench.out);
  CHECK(bench.grows());
  CHECK(bench.transcoder->counts().gaps == 1);
  CHECK(bench.longest_step() > 4900ms);
  CHECK(bench.longest_step() < 5040ms);
  const auto later = std::find_if(bench.out.begin(), bench.out.end(), [](const Frame& f) { return f.dts > 3s; });
  REQUIRE(later != bench.out.end());
  CHECK(later->dts >= 7s - 7ms);
  CHECK(later->dts <= 7s + 21ms);
}

TEST_CASE("with fill_gaps a sparse source becomes a track without gaps", "[sound]") {
  Bench bench(true);
  for (int k = 0; k < 10; ++k) bench.put(1s + k * 20ms);
  for (int k = 1; k < 8; ++k) bench.put(1s + k * 400ms);  // as DTX sends
  bench.transcoder->flush(bench.out);
  CHECK(bench.grows());
  CHECK(bench.transcoder->counts().gaps == 0);
  CHECK(bench.longest_step() <= 21ms);
}

TEST_CASE("a microphone that is switched off is silent as long as the picture goes on", "[sound]") {
  Bench bench(true);
  for (int k = 0; k < 10; ++k) bench.put(1s + k * 20ms);
  for (int k = 0; k < 1000; ++k) bench.transcoder->advance(1200ms + k * 33ms, bench.out);
  CHECK(bench.grows());
  CHECK(bench.longest_step() <= 21ms);
  CHECK(bench.out.back().dts > 33s);
  bench.put(40s);  // further on than is filled at once
  CHECK(bench.transcoder->counts().gaps == 1);
  CHECK(bench.transcoder->counts().late_frames == 0);
}

TEST_CASE("lost packets of a sparse source are concealed in their place", "[sound]") {
  Bench bench;
  for (int k = 0; k < 100; ++k) {
    if (k % 20 != 10 && k % 20 != 11) bench.put(1s + k * 20ms);
  }
  bench.transcoder->flush(bench.out);
  CHECK(bench.transcoder->counts().gaps == 0);
  CHECK(bench.longest_step() <= 21ms);
  CHECK(bench.transcoder->counts().filled_samples == 10 * 960);
  CHECK(bench.out.back().dts > 2950ms);
}

TEST_CASE("what comes late is left out, and time only grows", "[sound]") {
  Bench bench;
  for (int k = 0; k < 50; ++k) bench.put(5s + k * 20ms);
  for (int k = 0; k < 25; ++k) bench.put(1s + k * 20ms);
  bench.put(Ticks::max());
  bench.put(Ticks::min());
  bench.put(6s);
  CHECK(bench.grows());
  CHECK(bench.transcoder->counts().late_frames == 25);
  CHECK(bench.transcoder->counts().bad_packets == 2);
}

TEST_CASE("garbage between packets is left out", "[sound]") {
  Bench bench;
  for (int k = 0; k < 50; ++k) {
    bench.put(1s + k * 20ms);
    bench.transcoder->put({.codec = Codec::opus, .dts = 1s + k * 20ms}, bench.out);
  }
  CHECK(bench.transcoder->counts().bad_packets == 50);
  CHECK(bench.transcoder->counts().frames_out >= 49);
}

TEST_CASE("a publisher's clock that runs slow or fast is followed", "[sound]") {
  for (const int ppm : {400, -400, 0}) {
    CAPTURE(ppm);
    Bench bench;
    // A minute, and stamps in whole milliseconds, as RTMP has them.
    double worst = 0;
    for (int k = 0; k < 3000; ++k) {
      const double seconds = 1 + k * 0.02 * (1 + ppm * 1e-6);
      bench.put(Ticks(static_cast<std::int64_t>(seconds * 1000) * 90));
      if (k < 500 || bench.out.empty()) continue;
      // Of the newest frame out: no more behind the newest one in than the encoder and a frame that fills.
      const double behind = seconds - static_cast<double>(bench.out.back().dts.count()) / 90'000;
      worst = std::max(worst, std::abs(behind));
    }
    CHECK(worst < 0.05);
    CHECK(bench.grows());
    CHECK(bench.longest_step() < 21ms);
    if (ppm != 0) CHECK(bench.transcoder->counts().slewed_samples > 900);
    if (ppm == 0) CHECK(bench.transcoder->counts().slewed_samples == 0);
  }
}

}  // namespace weir::test::transcoder_time_test
