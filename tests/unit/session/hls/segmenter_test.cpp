#include "session/hls/segmenter.h"

#include <cmath>

#include "format/hls/playlist.h"
#include "support/catch.h"
#include "unit/session/hls/frames.h"

using namespace weir;
using namespace weir::session::hls;
using namespace std::chrono_literals;
using base::Ticks;

namespace {

// Counts frames in place of packing them.
class CountingPacker final : public Packer {
 public:
  void set_tracks(const media::Tracks& tracks) override { tracks_ = tracks; }
  bool carries(media::TrackId id) const override {
    for (const auto& track : tracks_) {
      if (track.id == id) return true;
    }
    return false;
  }
  bool can_carry(const media::Track& track) const override { return track.parameters->codec != media::Codec::speex; }
  void begin_segment(bool) override { size_ = part_ = 0; }
  void add(const media::Frame& frame) override {
    ++frames;
    size_ += frame.payload.size();
    part_ += frame.payload.size();
  }
  std::size_t bytes() const override { return size_; }
  Pieces end_part(const Ending&) override { return {{.bytes = of(std::exchange(part_, 0))}}; }
  Pieces end_segment(const Ending&) override { return {{.bytes = of(size_)}}; }
  bool holds_back() const override { return false; }
  Pieces init() const override { return {}; }
  std::uint32_t timescale(media::TrackId) const override { return 0; }

  std::size_t frames = 0;

 private:
  static base::SharedBytes of(std::size_t size) {
    base::Buffer buffer(size);
    return base::SharedBytes::copy_of(buffer);
  }
  media::Tracks tracks_;
  std::size_t size_ = 0, part_ = 0;
};

struct Rig : SegmentSink {
  explicit Rig(Segmenter::Rules rules)
      : segmenter(rules, std::make_unique<CountingPacker>(), *this, [this] { return wall; }) {}

  void on_begin(const media::Tracks&, const Begin& begin) override { fresh += begin.fresh; }
  void on_part(CutPart part) override { open.push_back(std::move(part)); }
  void on_segment(CutSegment segment) override {
    segments.push_back(std::move(segment));
    parts.push_back(std::move(open));
    open.clear();
  }
  void tracks(const media::Tracks& list) { segmenter.on_tracks(list); }
  void run(const test::Pattern& pattern) {
    test::feed(pattern, [this](const media::Frame& frame) {
      ++fed;
      segmenter.on_frame(frame);
    });
  }
  std::vector<std::int64_t> lengths() const {
    std::vector<std::int64_t> out;
    for (const auto& segment : segments) out.push_back(base::to_millis(segment.duration));
    return out;
  }
  std::size_t packed() const { return static_cast<const CountingPacker&>(segmenter.packer()).frames; }
  void check_target() const {
    for (const auto& segment : segments) {
      CHECK(::weir::hls::target_duration_of(segment.duration) <= ::weir::hls::target_duration_of(segmenter.target()));
    }
  }

  WallTime wall{1'700'000'000'000ms};
  Segmenter segmenter;
  std::vector<CutSegment> segments;
  std::vector<std::vector<CutPart>> parts;
  std::vector<CutPart> open;
  std::size_t fed = 0;
  int fresh = 0;
};

using Lengths = std::vector<std::int64_t>;
const media::Tracks both{test::h264_track(), test::aac_track()};

}  // namespace

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
  Rig rig({.aim = 2s, .longest = 4s, .one_of_each = true});
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
