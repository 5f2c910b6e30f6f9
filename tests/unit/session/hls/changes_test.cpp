#include "unit/session/hls/output_rig.h"

namespace weir::test::changes_test {

// A publisher whose sequence headers or clock change all the time: the work for each change is bounded.
using namespace std::chrono_literals;
using Rig = test::OutputRig;
using test::vhost_of;

TEST_CASE("tracks that change before there is a segment make none, and the stream goes on", "[hls]") {
  const bool fmp4 = GENERATE(false, true);
  Rig rig(vhost_of(2s, false, fmp4));
  rig.run(0, 7'000);
  const std::size_t told = rig.texts.size(), items = rig.items.size();
  std::int64_t at = 7'000;
  for (std::uint32_t i = 1; i <= 1'000; ++i, at += 80) {
    rig.segmenter->on_tracks({test::h264_track(i), test::aac_track()});
    rig.segmenter->on_frame(test::video_frame(at, true));
    rig.segmenter->on_frame(test::video_frame(at + 40, false));
  }
  CHECK(rig.texts.size() <= told + 1);  // the segment that the first change ended
  CHECK(rig.items.size() <= items + 1);
  rig.run(at, at + 10'000);
  rig.check_all();
  CHECK(rig.texts.size() >= told + 4);
  CHECK(rig.items.size() < 40);
  CHECK(rig.newest().segments.back().duration < 3);
}

TEST_CASE("a clock that jumps with each frame makes no segment for each", "[hls]") {
  Rig rig(vhost_of(2s));
  rig.run(0, 7'000);
  const std::size_t told = rig.texts.size();
  for (int i = 0; i < 10'000; ++i) rig.segmenter->on_frame(test::video_frame(i % 2 == 0 ? 0 : 1'000'000, true));
  CHECK(rig.texts.size() <= told + 1);
}

TEST_CASE("a window holds a bounded number of segments, however short they are", "[hls]") {
  const bool low_latency = GENERATE(false, true), fmp4 = GENERATE(false, true);
  config::Vhost vhost = vhost_of(2s, low_latency, fmp4);
  vhost.hls.window = 60s;
  Rig rig(vhost);
  std::int64_t at = 0;
  std::size_t longest = 0;
  for (std::uint32_t i = 0; i < 180; ++i, at += 240) {
    rig.segmenter->on_tracks({test::h264_track(i), test::aac_track()});
    for (int j = 0; j < 6; ++j) rig.segmenter->on_frame(test::video_frame(at + j * 40, j == 0));
    if (i % 20 == 0 && !rig.texts.empty()) longest = std::max(longest, rig.newest().segments.size());
  }
  CHECK(longest > 60);
  CHECK(longest <= 2 * 30 + 64);
  CHECK(rig.items.size() < 2'000);
  rig.check_all();
}

}  // namespace weir::test::changes_test
