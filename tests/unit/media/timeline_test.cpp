#include "media/timeline.h"

#include "support/catch.h"

using namespace weir;
using base::Millis;
using base::Ticks;
using media::Timeline;
using media::TrackId;

namespace {

std::int64_t place(Timeline& timeline, TrackId track, std::int64_t ms, std::int64_t composition_ms = 0) {
  return base::to_millis(timeline.place(track, Millis(ms), Millis(composition_ms)).dts);
}

constexpr std::int64_t hour = 3'600'000;

}  // namespace

TEST_CASE("a stream begins at zero, whatever its publisher counts from", "[timeline]") {
  Timeline timeline;
  CHECK(place(timeline, TrackId::audio, 5 * hour) == 0);
  CHECK(place(timeline, TrackId::video, 5 * hour + 10) == 10);
  CHECK(place(timeline, TrackId::audio, 5 * hour + 23) == 23);
  CHECK(timeline.jumps() == 0);
}

TEST_CASE("a track that begins a little before the first one is held at zero", "[timeline]") {
  Timeline timeline;
  CHECK(place(timeline, TrackId::audio, 1000) == 0);
  const auto video = timeline.place(TrackId::video, Millis(960), Millis(80));
  CHECK(base::to_millis(video.dts) == 0);
  CHECK(base::to_millis(video.dts + video.composition) == 40);  // shown when it asked to be
  CHECK(place(timeline, TrackId::video, 1000) == 0);
  CHECK(place(timeline, TrackId::video, 1040) == 40);
}

TEST_CASE("a jump of hours either way becomes a step, and audio and video stay together", "[timeline]") {
  for (const std::int64_t jump : {10 * hour, -10 * hour, std::int64_t{6000}, std::int64_t{-2000}}) {
    INFO(jump);
    Timeline timeline;
    std::int64_t raw = 20 * hour;
    for (int i = 0; i < 50; ++i, raw += 40) {
      place(timeline, TrackId::video, raw);
      place(timeline, TrackId::audio, raw + 10);
    }
    const std::int64_t before = base::to_millis(timeline.newest());
    CHECK(before == 49 * 40 + 10);
    raw += jump;
    const std::int64_t video = place(timeline, TrackId::video, raw);
    const std::int64_t audio = place(timeline, TrackId::audio, raw + 10);
    CHECK(video > before);
    CHECK(video <= before + 50);
    CHECK(audio == video + 10);
    CHECK(timeline.jumps() == 1);
    // and on from there as the publisher counts
    CHECK(place(timeline, TrackId::video, raw + 40) == video + 40);
    CHECK(place(timeline, TrackId::audio, raw + 50) == audio + 40);
    CHECK(timeline.jumps() == 1);
  }
}

TEST_CASE("frames of the old clock after another track's jump keep their place", "[timeline]") {
  Timeline timeline;
  place(timeline, TrackId::video, 0);
  place(timeline, TrackId::audio, 0);
  place(timeline, TrackId::video, 40);
  const auto jumped = place(timeline, TrackId::video, 9 * hour);
  CHECK(place(timeline, TrackId::audio, 23) == 23);
  CHECK(place(timeline, TrackId::audio, 46) == 46);
  CHECK(place(timeline, TrackId::audio, 9 * hour + 30) == jumped + 30);
  CHECK(timeline.jumps() == 1);
}

TEST_CASE("a clock that jumps with every message still only moves on", "[timeline]") {
  Timeline timeline;
  Ticks last[2] = {Ticks(-1), Ticks(-1)};
  for (int i = 0; i < 1000; ++i) {
    const std::size_t track = i % 3 == 0 ? 1 : 0;
    const std::int64_t raw = (i * 7919 % 13) * 3 * hour - 20 * hour;
    const auto placed = timeline.place(static_cast<TrackId>(track), Millis(raw), {});
    CHECK(placed.dts > last[track]);
    last[track] = placed.dts;
  }
  CHECK(base::to_millis(timeline.newest()) < 1000 * 250);
}

TEST_CASE("two tracks that count from different hours begin together", "[timeline]") {
  Timeline timeline;
  CHECK(place(timeline, TrackId::audio, 0) == 0);
  const auto video = place(timeline, TrackId::video, 7 * hour);
  CHECK(video <= 40);
  for (int i = 1; i < 100; ++i) {
    CHECK(place(timeline, TrackId::audio, i * 20) == i * 20);
    CHECK(place(timeline, TrackId::video, 7 * hour + i * 20) == video + i * 20);
  }
  CHECK(timeline.jumps() == 1);
}

TEST_CASE("a frame that goes back a little is held and counted", "[timeline]") {
  Timeline timeline;
  place(timeline, TrackId::video, 0);
  const auto at = timeline.place(TrackId::video, Millis(100), {}).dts;
  const auto back = timeline.place(TrackId::video, Millis(60), Millis(80));
  CHECK(back.dts == at + Ticks(1));
  CHECK(base::to_millis(back.dts + back.composition) == 140);
  CHECK(timeline.nudges() == 1);
  CHECK(place(timeline, TrackId::video, 140) == 140);
  // the same time twice is no fault, but keeps the order
  const auto again = timeline.place(TrackId::video, Millis(140), {});
  CHECK(again.dts > Millis(140));
  CHECK(timeline.nudges() == 1);
}

TEST_CASE("a pause of one track is no jump while another goes on", "[timeline]") {
  Timeline timeline;
  place(timeline, TrackId::video, 0);
  for (int i = 0; i <= 1000; ++i) place(timeline, TrackId::audio, i * 20);
  CHECK(place(timeline, TrackId::video, 20'010) == 20'010);
  // and one that lags behind the other by more than the limit, evenly, stays where it is
  CHECK(place(timeline, TrackId::audio, 24'000) == 24'000);
  CHECK(place(timeline, TrackId::video, 20'050) == 20'050);
  CHECK(timeline.jumps() == 0);
}

TEST_CASE("an absurd composition time becomes zero", "[timeline]") {
  Timeline timeline;
  CHECK(timeline.place(TrackId::video, {}, std::chrono::hours(2)).composition == Ticks(0));
  CHECK(timeline.bad_compositions() == 1);
}

TEST_CASE("with less repair the clock is the publisher's, from zero or from the beginning", "[timeline]") {
  Timeline::Options options;
  options.repair = Timeline::Repair::origin;
  options.begin = Millis(1000);
  Timeline origin(options);
  CHECK(place(origin, TrackId::video, 5 * hour) == 1000);
  CHECK(place(origin, TrackId::audio, 5 * hour + 10) == 1010);
  CHECK(place(origin, TrackId::video, 7 * hour) == 2 * hour + 1000);
  CHECK(place(origin, TrackId::video, 5 * hour + 40) == 1040);
  CHECK(base::to_millis(origin.newest()) == 2 * hour + 1000);

  options.repair = Timeline::Repair::none;
  Timeline none(options);
  CHECK(place(none, TrackId::video, 5 * hour) == 5 * hour);
  CHECK(place(none, TrackId::video, 40) == 40);
  CHECK(none.jumps() == 0);
}
