#include <cstdlib>
#include <random>

#include "codec/aac.h"
#include "format/audio_timing.h"
#include "format/mp4/fragmenter.h"
#include "format/mp4/movie.h"
#include "format/mp4/reader.h"
#include "media/describe.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::movie_times_test {

using namespace weir::mp4;
using base::Millis;
using base::Ticks;
using media::TrackId;

namespace {

constexpr std::uint32_t audio_rate = 8'000;  // 128 ms a frame

// H.264 as a file has it, and AAC of few frames a second, so that a day is not long.
media::Tracks some_tracks() {
  media::Tracks tracks;
  tracks.push_back(test::read_flv("flv/h264_aac.flv").tracks.at(0));
  const auto configuration = base::SharedBytes::copy_of(codec::aac::build_configuration(2, audio_rate, 1));
  auto parameters = media::describe(media::Codec::aac, configuration);
  REQUIRE(parameters.has_value());
  tracks.push_back({.id = TrackId::audio,
                    .generation = 0,
                    .parameters = std::make_shared<const media::CodecParameters>(*std::move(parameters))});
  REQUIRE(tracks[0].parameters->codec == media::Codec::h264);
  return tracks;
}

media::Frame frame_of(TrackId track, Ticks dts, Ticks composition = {}) {
  static const auto payload = base::SharedBytes::copy_of(test::bytes("07"));
  return {.track = track,
          .codec = track == TrackId::video ? media::Codec::h264 : media::Codec::aac,
          .dts = dts,
          .composition = composition,
          .key = true,
          .payload = payload};
}

// As a recording is made: fragments of a second, and in the end a regular file of them, which is read again.
class Recorded {
 public:
  void add(const media::Frame& frame) {
    if (!fragmenter_.empty() && frame.dts - fragmenter_.begin() >= std::chrono::seconds(1)) cut(&frame);
    (frame.track == TrackId::video ? video : audio).push_back(frame.dts);
    if (!fragmenter_.add(frame)) FAIL("not taken");
  }
  Movie finish() {
    cut(nullptr);
    auto movie = reader_.finish();
    REQUIRE(movie.has_value());
    const auto plan = plan_fast_start(*std::move(movie));
    REQUIRE(plan.has_value());
    Reader again;
    REQUIRE(again.input(plan->head).has_value());
    REQUIRE(again.input(base::Buffer(plan->data_bytes)).has_value());  // samples beyond the end would be left out
    auto regular = again.finish();
    REQUIRE(regular.has_value());
    return *std::move(regular);
  }
  std::vector<Ticks> video, audio;

 private:
  void cut(const media::Frame* next) {
    if (!begun_) REQUIRE(reader_.input(*fragmenter_.init()).has_value());
    begun_ = true;
    if (!reader_.input(fragmenter_.cut(next, false))) FAIL("not read");
  }
  Fragmenter fragmenter_{some_tracks()};
  Reader reader_;
  bool begun_ = false;
};

// How far any sample stands from its frame, in milliseconds, when the first ones stand together.
double largest_error(const MovieTrack& track, const std::vector<Ticks>& frames) {
  REQUIRE(track.samples.size() == frames.size());
  double largest = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const double at = static_cast<double>(track.samples[i].dts) * 1000 / track.head.timescale;
    largest = std::max(largest, std::abs(at - static_cast<double>((frames[i] - frames[0]).count()) / 90));
  }
  return largest;
}

}  // namespace

TEST_CASE("a gap in one track of a finished file stays where it was", "[mp4]") {
  for (const bool audio_gap : {true, false}) {
    INFO(audio_gap);
    Recorded recorded;
    for (int ms = 0; ms < 20'000; ms += 8) {
      const bool in_gap = ms >= 4'000 && ms < 11'000;
      if (ms % 40 == 0 && (audio_gap || !in_gap)) recorded.add(frame_of(TrackId::video, Millis(ms)));
      if (ms % 128 == 0 && (!audio_gap || !in_gap)) recorded.add(frame_of(TrackId::audio, Millis(ms)));
    }
    const Movie movie = recorded.finish();
    CHECK(largest_error(movie.tracks[0], recorded.video) == 0);
    CHECK(largest_error(movie.tracks[1], recorded.audio) < 1);
    CHECK(movie.tracks[0].samples.back().duration == 40 * 90);
    CHECK(movie.tracks[1].samples.back().duration == 1024);
  }
}

TEST_CASE("after a gap that is the last distance the last sample lasts as long as usual", "[mp4]") {
  Recorded recorded;
  for (const int ms : {0, 40, 80, 120, 7'000}) recorded.add(frame_of(TrackId::video, Millis(ms)));
  const Movie movie = recorded.finish();
  CHECK(movie.tracks[0].samples.back().dts == 7'000 * 90);
  CHECK(movie.tracks[0].samples.back().duration == 40 * 90);
}

TEST_CASE("a day of jitter and of a wrong audio clock drifts by less than a frame", "[mp4]") {
  std::minstd_rand random(1);
  Recorded recorded;
  const auto jitter = [&](double ms, unsigned most) {
    return Millis(static_cast<std::int64_t>(ms) + static_cast<std::int64_t>(random() % (2 * most + 1)));
  };
  const double day = 24 * 3'600'000.0, audio_step = 1024'000.0 / audio_rate * 1.003;
  double video = 0, audio = 0;
  while (video < day) {
    if (audio < video) {
      recorded.add(frame_of(TrackId::audio, jitter(audio, 2)));
      audio += audio_step;
    } else {
      recorded.add(frame_of(TrackId::video, jitter(video, 40)));
      video += 200;
    }
  }
  const Movie movie = recorded.finish();
  CHECK(largest_error(movie.tracks[0], recorded.video) == 0);
  CHECK(largest_error(movie.tracks[1], recorded.audio) < 20);
}

TEST_CASE("pictures that are shown before they are decoded keep their moment in a regular file", "[mp4]") {
  Recorded recorded;
  for (int i = 0; i < 50; ++i) {
    recorded.add(frame_of(TrackId::video, Millis(i * 40), Millis(-120 + i % 2 * 40)));
    if (i % 3 == 0) recorded.add(frame_of(TrackId::audio, Millis(i * 40)));
  }
  const Movie movie = recorded.finish();
  for (const Sample& sample : movie.tracks[0].samples) CHECK(sample.composition >= 0);
}

TEST_CASE("an audio clock that runs fast or slow is followed without holes and without slivers", "[audio]") {
  for (const double speed : {1.003, 0.997, 1.0}) {
    INFO(speed);
    format::SampleCounter counter(48'000);
    std::int64_t expected = 0;
    for (int i = 0; i < 100'000; ++i) {
      const auto dts = Millis(static_cast<std::int64_t>(i * 1024 / 48.0 * speed));
      const std::int64_t at = counter.place(dts, 1024);
      if (at != expected || std::abs(at - dts.count() * 48) > 12 * 48) FAIL(i);
      if (counter.duration() < 1008 || counter.duration() > 1040) FAIL(i);
      if (speed == 1.0 && counter.duration() != 1024) FAIL(i);
      expected = at + counter.duration();
    }
  }
}

TEST_CASE("a burst of late audio is caught up with, never by going back", "[audio]") {
  format::SampleCounter counter(48'000);
  std::int64_t last = -1000;
  for (int i = 0; i < 200; ++i) {
    // a stall of 200 ms, after which what was late comes at once
    const int ms = i < 20 || i > 29 ? i * 1024 / 48 : 29 * 1024 / 48;
    const std::int64_t at = counter.place(Millis(ms), 1024);
    CHECK(at >= last + 768);
    last = at;
    if (i > 100) CHECK(std::abs(at - ms * 48) <= 12 * 48);
  }
}

}  // namespace weir::test::movie_times_test
