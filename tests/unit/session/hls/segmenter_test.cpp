#include "session/hls/segmenter.h"

#include <cmath>

#include "support/catch.h"
#include "unit/session/hls/segmenter_rig.h"

namespace weir::test::segmenter_test {

using namespace weir::session::hls;
using namespace std::chrono_literals;
using base::Ticks;

namespace {

using Rig = test::SegmenterRig;
using Lengths = std::vector<std::int64_t>;
const media::Tracks both{test::h264_track(), test::aac_track()};

}  // namespace

TEST_CASE("sound that is sent ahead of the first picture is in the first segment", "[hls]") {
  Rig rig({.aim = 2s});
  rig.tracks({test::h264_track(), test::aac_track()});
  std::size_t belongs = 0;
  for (std::int64_t ms = -2300; ms < 450; ms += 23) {  // 450 ms ahead; what is before the picture is not for a player
    rig.segmenter.on_frame(test::audio_frame(10'000 + ms));
    belongs += ms >= 0;
  }
  rig.segmenter.on_frame(test::video_frame(10'000, true));
  CHECK(rig.packed() == belongs + 1);
  rig.segmenter.on_frame(test::audio_frame(10'460));
  CHECK(rig.packed() == belongs + 2);
}

TEST_CASE("segments begin at the first key frame after the length aimed at", "[hls]") {
  Rig rig({.aim = 5s, .longest = 10s});
  rig.tracks(both);
  rig.run({.to_ms = 20'000, .gop_ms = 2000});
  CHECK(rig.lengths() == Lengths{6000, 6000, 6000});
  CHECK(rig.segmenter.target() == Ticks(6s));
  CHECK(rig.fresh == 1);
  for (const auto& segment : rig.segments) CHECK(segment.independent);
  CHECK_FALSE(rig.segments[0].discontinuity);
  rig.segmenter.end();
  CHECK(rig.lengths() == Lengths{6000, 6000, 6000, 2000});
  CHECK(rig.packed() == rig.fed);
}

TEST_CASE("a key frame a little early, as rounding makes it, still ends its segment", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s});
  rig.tracks({test::h264_track()});
  for (const std::int64_t ms : {0, 1000, 1999, 3000, 3999, 5000, 5998})
    rig.segmenter.on_frame(test::video_frame(ms, true));
  CHECK(rig.lengths() == Lengths{1999, 2000, 1999});
}

TEST_CASE("without key frames for minutes no segment is longer than the target duration says", "[hls]") {
  Rig rig({.aim = 5s, .longest = 10s});
  rig.tracks(both);
  rig.run({.to_ms = 120'000, .gop_ms = 1'000'000});
  REQUIRE(rig.segments.size() >= 10);
  CHECK(rig.segments[0].independent);
  CHECK_FALSE(rig.segments[1].independent);
  rig.check_target();
  CHECK(rig.packed() == rig.fed);
}

TEST_CASE("a segment that waits for a key frame says so once, and so does the first one", "[hls]") {
  Rig rig({.aim = 5s, .longest = 10s});
  int wanted = 0;
  rig.segmenter.when_key_wanted([&] { ++wanted; });
  rig.tracks(both);
  for (const std::int64_t ms : {0, 40, 80}) rig.segmenter.on_frame(test::video_frame(ms, false));
  CHECK(wanted == 1);
  rig.run({.from_ms = 120, .to_ms = 5000, .gop_ms = 1'000'000});
  CHECK(wanted == 1);
  rig.run({.from_ms = 5000, .to_ms = 6000, .gop_ms = 1'000'000, .keys_from_ms = 120});
  CHECK(wanted == 2);
  rig.segmenter.on_frame(test::video_frame(6000, true));
  CHECK(rig.segments.size() == 1);
  rig.run({.from_ms = 6040, .to_ms = 30'000, .gop_ms = 5000, .keys_from_ms = 6000});
  CHECK(wanted == 2);
}

TEST_CASE("longer groups of pictures than at the start do not break the target duration", "[hls]") {
  Rig rig({.aim = 5s, .longest = 10s});
  rig.tracks(both);
  rig.run({.to_ms = 20'000, .gop_ms = 1000});
  CHECK(rig.segmenter.target() == Ticks(5s));
  rig.run({.from_ms = 20'000, .to_ms = 80'000, .gop_ms = 4000});
  rig.check_target();
  // After the first of them is known, they are cut at key frames again, and early rather than late.
  for (std::size_t i = rig.segments.size() - 5; i < rig.segments.size(); ++i) {
    CHECK(rig.segments[i].independent);
    CHECK(rig.lengths()[i] == 4000);
  }
}

TEST_CASE("audio alone is cut at the length aimed at", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s});
  rig.tracks({test::aac_track()});
  rig.run({.to_ms = 9000, .video = false});
  REQUIRE(rig.segments.size() == 4);
  for (const auto& segment : rig.segments) {
    CHECK(std::abs(base::to_millis(segment.duration) - 2000) < 60);
    CHECK(segment.independent);
  }
}

TEST_CASE("a stream whose video stops, or never comes, is still cut", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s});
  rig.tracks(both);
  rig.run({.to_ms = 4000});
  rig.run({.from_ms = 4000, .to_ms = 20'000, .video = false});
  CHECK(rig.segments.size() >= 6);
  rig.check_target();
  rig.run({.from_ms = 20'000, .to_ms = 30'000});
  rig.check_target();
  CHECK(rig.segments.back().independent);

  Rig silent({.aim = 2s, .longest = 4s});
  silent.tracks(both);
  silent.run({.to_ms = 20'000, .video = false});
  CHECK(silent.segments.size() >= 3);
}

TEST_CASE("what comes before the first key frame is left out", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s});
  rig.tracks(both);
  rig.segmenter.on_frame(test::video_frame(0, false));
  rig.segmenter.on_frame(test::audio_frame(10));
  CHECK(rig.packed() == 0);
  rig.segmenter.on_frame(test::video_frame(40, true));
  CHECK(rig.packed() == 1);
}

TEST_CASE("a change of codec ends the segment and is a discontinuity", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s});
  rig.tracks(both);
  rig.run({.to_ms = 3000});
  rig.tracks(both);  // repeated headers are no change
  CHECK(rig.segments.size() == 1);
  rig.tracks({test::h264_track(1), test::aac_track()});
  CHECK(rig.lengths() == Lengths{2000, 1000});
  rig.run({.from_ms = 3000, .to_ms = 6000});
  REQUIRE(rig.segments.size() == 3);
  CHECK(rig.segments[2].discontinuity);
  CHECK(rig.fresh == 2);
}

TEST_CASE("a segment that would take too much memory is cut early", "[hls]") {
  Rig rig({.aim = 10s, .longest = 20s, .most_bytes = 5000});
  rig.tracks({test::h264_track()});
  rig.run({.to_ms = 10'000, .gop_ms = 10'000, .audio = false});
  CHECK(rig.segments.size() >= 8);
}

TEST_CASE("a publisher that follows another begins with a discontinuity and keeps the target durations", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s, .part = 200ms, .target = 3s, .part_target = 210ms, .continues = true});
  rig.tracks(both);
  rig.run({.to_ms = 5000});
  REQUIRE(rig.segments.size() == 2);
  CHECK(rig.segments[0].discontinuity);
  CHECK_FALSE(rig.segments[1].discontinuity);
  CHECK(rig.segmenter.target() == Ticks(3s));
  CHECK(rig.segmenter.part_target() == Ticks(210ms));
}

TEST_CASE("audio that is ahead or behind does not move the cuts of the video", "[hls]") {
  const std::int64_t ahead = GENERATE(450, 900, -300, 3'600'000);
  const bool low_latency = GENERATE(false, true);
  Rig rig({.aim = 2s, .longest = 4s, .part = low_latency ? Ticks(200ms) : Ticks{}});
  rig.tracks(both);
  for (std::int64_t at = 0; at < 20'000; at += 40) {
    if (at + ahead >= 0) rig.segmenter.on_frame(test::audio_frame(at + ahead));
    rig.segmenter.on_frame(test::video_frame(at, at % 2400 == 0));
  }
  REQUIRE(rig.segments.size() == 8);
  for (const auto& segment : rig.segments) {
    CHECK(base::to_millis(segment.duration) == 2400);
    CHECK(segment.independent);
  }
}

TEST_CASE("the last segment is as long as what is in it", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s});
  rig.tracks(both);
  rig.run({.to_ms = 4'200});
  rig.segmenter.on_frame(test::video_frame(5'400, false));  // after a pause
  rig.segmenter.end();
  CHECK(rig.lengths() == Lengths{2000, 2000, 1440});

  Rig still({.aim = 2s, .longest = 4s});  // the picture stands, the sound goes on
  still.tracks(both);
  still.run({.to_ms = 4'200});
  still.run({.from_ms = 4'200, .to_ms = 5'200, .video = false});
  still.segmenter.end();
  CHECK(std::abs(still.lengths().back() - 1200) < 50);
}

TEST_CASE("a stream that is silent for longer than a segment may last goes on behind a discontinuity", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s});
  rig.tracks({test::h264_track()});
  rig.run({.to_ms = 5'000, .audio = false});
  rig.run({.from_ms = 12'000, .to_ms = 16'001, .audio = false});
  rig.check_target();
  CHECK(rig.lengths() == Lengths{2000, 2000, 1000, 2000, 2000});
  CHECK(rig.segments[3].discontinuity);
}

TEST_CASE("a track that joins costs one cut, at a key frame, and no frame of the others", "[hls]") {
  Rig rig({.aim = 6s, .longest = 10s});
  rig.tracks({test::h264_track()});
  rig.run({.to_ms = 1000, .gop_ms = 2000, .audio = false});
  rig.tracks(both);
  rig.run({.from_ms = 1000, .to_ms = 7000, .gop_ms = 2000, .keys_from_ms = 0});
  CHECK(rig.lengths() == Lengths{2000});
  CHECK(rig.fresh == 2);
  rig.run({.from_ms = 7000, .to_ms = 11'000, .gop_ms = 2000, .keys_from_ms = 0});
  rig.segmenter.end();
  REQUIRE(rig.lengths().size() == 3);
  CHECK(rig.lengths()[0] == 2000);
  CHECK(rig.lengths()[1] == 6000);
  CHECK(rig.segments[1].discontinuity);
  CHECK(rig.segments[1].independent);
  CHECK_FALSE(rig.segments[2].discontinuity);
  // All pictures, and the sound from the cut on.
  const std::size_t sound_before_cut = 1000 / 23 + 1;
  CHECK(rig.packed() + sound_before_cut >= rig.fed);
}

TEST_CASE("video that joins sound cuts at its first key frame", "[hls]") {
  Rig rig({.aim = 5s, .longest = 10s});
  rig.tracks({test::aac_track()});
  rig.run({.to_ms = 1000, .video = false});
  rig.tracks(both);
  rig.run({.from_ms = 1000, .to_ms = 4000, .gop_ms = 2000, .keys_from_ms = 0});
  REQUIRE(rig.segments.size() == 1);
  CHECK(base::to_millis(rig.segments[0].duration) >= 1950);
  CHECK(base::to_millis(rig.segments[0].duration) <= 2050);
  CHECK(rig.fresh == 2);
}

TEST_CASE("what the container does not carry never cuts it", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s});
  rig.tracks(both);
  rig.run({.to_ms = 1000, .gop_ms = 2000});
  media::CodecParameters speex;
  speex.codec = media::Codec::speex;
  media::Tracks more = both;
  more.push_back({media::TrackId{3}, 0, std::make_shared<const media::CodecParameters>(speex)});
  rig.tracks(more);
  rig.run({.from_ms = 1000, .to_ms = 2080, .gop_ms = 2000, .keys_from_ms = 0});
  rig.tracks(both);
  rig.run({.from_ms = 2080, .to_ms = 4100, .gop_ms = 2000, .keys_from_ms = 0});
  CHECK(rig.fresh == 1);
  CHECK(rig.lengths() == Lengths{2000, 2000});
  for (const auto& segment : rig.segments) CHECK_FALSE(segment.discontinuity);
}

TEST_CASE("an output of one video and one audio track leaves the further ones out", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s, .one_video = true, .one_audio = true});
  media::Tracks more = both;
  more.push_back(test::aac_track());
  more.back().id = media::TrackId{3};
  rig.tracks(more);
  rig.run({.to_ms = 1000, .gop_ms = 2000});
  auto further = test::audio_frame(1000);
  further.track = media::TrackId{3};
  const std::size_t before = rig.packed();
  rig.segmenter.on_frame(further);
  CHECK(rig.packed() == before);
}

TEST_CASE("a clock that runs ahead of the machine's makes no more segments than are allowed", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s, .most_at_once = 3, .most_a_second = 1});
  rig.tracks(both);
  rig.run({.to_ms = 20'000, .gop_ms = 2000});
  CHECK(rig.lengths() == Lengths{2000, 2000, 2000});
  CHECK(rig.segmenter.left_out() > 0);
  const std::size_t packed = rig.packed();
  CHECK(packed < rig.fed / 2);

  rig.wall += 1s;
  rig.run({.from_ms = 20'000, .to_ms = 26'000, .gop_ms = 2000});
  REQUIRE(rig.segments.size() == 4);
  CHECK(rig.segments[3].begin == Ticks(20s));
  CHECK(rig.segments[3].independent);
  CHECK(rig.segments[3].discontinuity);
  CHECK(rig.packed() > packed);

  rig.wall -= 3600s;  // a clock that was set back forbids nothing for an hour
  rig.run({.from_ms = 26'000, .to_ms = 28'000, .gop_ms = 2000});
  rig.wall += 1s;
  rig.run({.from_ms = 28'000, .to_ms = 32'000, .gop_ms = 2000});
  CHECK(rig.segments.size() == 5);
  rig.check_target();
}

TEST_CASE("parts are cut of segments that are allowed alone", "[hls]") {
  Rig rig({.aim = 2s, .longest = 4s, .part = 200ms, .most_at_once = 2, .most_a_second = 1});
  rig.tracks(both);
  rig.run({.to_ms = 20'000, .gop_ms = 2000});
  CHECK(rig.segments.size() == 2);
  CHECK(rig.open.empty());
  rig.segmenter.end();
  CHECK(rig.segments.size() == 2);
}

}  // namespace weir::test::segmenter_test
