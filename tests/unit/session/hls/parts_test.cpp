#include "support/catch.h"
#include "unit/session/hls/segmenter_rig.h"

namespace weir::test::parts_test {

using namespace weir::session::hls;
using namespace std::chrono_literals;
using base::Ticks;

namespace {

using Rig = test::SegmenterRig;
const media::Tracks both{test::h264_track(), test::aac_track()};

}  // namespace

TEST_CASE("parts keep the rules of the draft and add up to their segment", "[hls]") {
  const std::int64_t step = GENERATE(33, 40, 20, 83, 500);
  Rig rig({.aim = 2s, .longest = 4s, .part = 200ms});
  rig.tracks(both);
  rig.run({.to_ms = 20'000, .gop_ms = step * (2000 / step), .step_ms = step});
  rig.segmenter.end();
  REQUIRE(rig.segments.size() >= 9);
  const Ticks target = rig.segmenter.part_target();
  CHECK(target >= Ticks(160ms));
  for (std::size_t i = 0; i + 1 < rig.segments.size(); ++i) {
    Ticks sum{};
    std::size_t size = 0;
    for (std::size_t p = 0; p < rig.parts[i].size(); ++p) {
      const CutPart& part = rig.parts[i][p];
      CHECK(part.duration <= target);
      if (p + 1 < rig.parts[i].size()) CHECK(part.duration * 100 >= target * 85);  // 4.4.4.9
      sum += part.duration;
      size += part.pieces[0].bytes.size();
    }
    CHECK(sum == rig.segments[i].duration);
    CHECK(size == rig.segments[i].pieces[0].bytes.size());
    CHECK(rig.parts[i][0].independent);
  }
}

TEST_CASE("a video of few and uneven pictures breaks no rule of lengths", "[hls]") {
  const bool audio = GENERATE(false, true);
  const int seed = GENERATE(1, 2, 3, 4, 5, 6, 7, 8);
  Rig rig({.aim = 2s, .longest = 4s, .part = 200ms});
  rig.tracks(audio ? both : media::Tracks{test::h264_track()});
  std::uint32_t random = static_cast<std::uint32_t>(seed);
  const auto next = [&random] { return random = random * 1'664'525 + 1'013'904'223; };
  std::int64_t at = 0, sound = 0, key = 0;
  for (int i = 0; i < 600; ++i) {
    for (; audio && sound < at; sound += 23) rig.segmenter.on_frame(test::audio_frame(sound));
    const bool is_key = at >= key;
    if (is_key) key = at + 1500 + next() % 1000;
    rig.segmenter.on_frame(test::video_frame(at, is_key));
    at += next() % 7 == 0 ? 40 + next() % 2900 : 20 + next() % 200;
  }
  rig.segmenter.end();
  rig.check_target();
  Ticks total{};
  const Ticks target = rig.segmenter.part_target();
  for (std::size_t i = 0; i < rig.segments.size(); ++i) {
    Ticks sum{};
    for (const CutPart& part : rig.parts[i]) {
      CHECK(part.duration <= target);
      CHECK(part.duration > Ticks{});
      sum += part.duration;
    }
    CHECK(sum == rig.segments[i].duration);
    total += rig.segments[i].duration;
    if (i > 0 && !rig.segments[i].discontinuity) {
      CHECK(rig.segments[i].begin == rig.segments[i - 1].begin + rig.segments[i - 1].duration);
    }
  }
  CHECK(total <= Ticks(base::Millis(at + 3000)));
}

// A publisher that loops a file pauses for some milliseconds between its last picture and the first of the next round;
// one that is interrupted pauses for longer.
TEST_CASE("no segment ends with a part that holds nothing", "[hls]") {
  const std::int64_t pause = GENERATE(10, 170, 210, 700, 1900);
  const bool audio = GENERATE(false, true), at_key = GENERATE(true, false);
  Rig rig({.aim = 2s, .longest = 4s, .part = 200ms});
  rig.tracks(audio ? both : media::Tracks{test::h264_track()});
  std::int64_t shift = 0;
  for (std::int64_t at = 0; at < 24'000; at += 40) {
    if (at > 4000 && (at + (at_key ? 0 : 920)) % 6000 == 0) shift += pause;
    if (audio) rig.segmenter.on_frame(test::audio_frame(at + shift));
    rig.segmenter.on_frame(test::video_frame(at + shift, at % 2000 == 0));
  }
  rig.segmenter.end();
  rig.check_target();
  const Ticks target = rig.segmenter.part_target();
  std::size_t keys = 0;
  REQUIRE(rig.segments.size() >= 11);
  for (std::size_t i = 0; i < rig.segments.size(); ++i) {
    Ticks sum{};
    for (const CutPart& part : rig.parts[i]) {
      CHECK(part.duration <= target);
      sum += part.duration;
      keys += part.independent;
    }
    INFO("segment " << i << ", pause " << pause);
    CHECK_FALSE(rig.parts[i].back().pieces[0].bytes.empty());
    CHECK(sum == rig.segments[i].duration);
    if (i > 0 && !rig.segments[i].discontinuity) {
      CHECK(rig.segments[i].begin == rig.segments[i - 1].begin + rig.segments[i - 1].duration);
    }
  }
  CHECK(keys == 12);
}

}  // namespace weir::test::parts_test
