#include "media/timeline.h"

#include <algorithm>
#include <functional>
#include <map>

#include "support/catch.h"

namespace weir::test::timeline_test {

using base::Millis;
using base::Ticks;
using media::Codec;
using media::Frame;
using media::Timeline;
using media::TrackId;

namespace {

constexpr std::int64_t hour = 3'600'000;
constexpr TrackId video = TrackId::video, audio = TrackId::audio;

// Feeds frames and keeps what comes out, by the publisher's time, which rides in the generation.
struct Machine {
  Timeline timeline;
  std::vector<Frame> out;
  std::map<TrackId, std::vector<std::pair<std::uint32_t, std::int64_t>>> placed{};

  void put(TrackId track, std::int64_t ms, std::uint32_t name = 0, std::int64_t composition_ms = 0) {
    timeline.put({.track = track,
                  .codec = track == video   ? Codec::h264
                           : track == audio ? Codec::aac
                                            : Codec::script_data,
                  .dts = Millis(ms),
                  .composition = Millis(composition_ms),
                  .generation = name},
                 out);
    collect();
  }
  void collect() {
    for (const Frame& frame : out) {
      auto& lane = placed[frame.track];
      lane.emplace_back(frame.generation, base::to_millis(frame.dts));
    }
    out.clear();
  }
  std::int64_t last(TrackId track) { return placed[track].back().second; }
  std::int64_t at(TrackId track, std::uint32_t name) {
    for (const auto& [known, ms] : placed[track]) {
      if (known == name) return ms;
    }
    FAIL("no such frame");
    return 0;
  }
};

// Twelve seconds of video and audio, where `stamp` makes the publisher's time of the true one. Gives what came out.
Machine twelve_seconds(const std::function<std::int64_t(TrackId, std::uint32_t)>& stamp, int lead_ms = 0) {
  Machine m;
  for (std::uint32_t now = 0; now < 12'000; ++now) {
    if (now % 40 == 0) m.put(video, stamp(video, now), now);
    const auto sound = static_cast<std::uint32_t>(static_cast<int>(now) + std::max(lead_ms, -static_cast<int>(now)));
    if (sound % 23 == 0 && (sound != 0 || static_cast<int>(now) + lead_ms == 0))
      m.put(audio, stamp(audio, sound), sound);
  }
  m.timeline.flush(m.out);
  m.collect();
  return m;
}

// How far the two tracks stand apart now, less than the truth.
std::int64_t offset_at(Machine& m, std::uint32_t video_name, std::uint32_t audio_name) {
  return (m.at(video, video_name) - m.at(audio, audio_name)) - (std::int64_t{video_name} - audio_name);
}

}  // namespace

TEST_CASE("a stream begins at zero, whatever its publisher counts from", "[timeline]") {
  Machine m;
  m.put(audio, 5 * hour);
  CHECK(m.last(audio) == 0);
  m.put(video, 5 * hour + 10);
  CHECK(m.last(video) == 10);
  m.put(audio, 5 * hour + 23);
  CHECK(m.last(audio) == 23);
  CHECK(m.timeline.jumps() == 0);
}

TEST_CASE("a track that begins a little before the first one is held at zero", "[timeline]") {
  Timeline timeline;
  std::vector<Frame> out;
  timeline.put({.track = audio, .codec = Codec::aac, .dts = Millis(1000)}, out);
  timeline.put({.track = video, .codec = Codec::h264, .dts = Millis(960), .composition = Millis(80)}, out);
  REQUIRE(out.size() == 2);
  CHECK(base::to_millis(out[1].dts) == 0);
  CHECK(base::to_millis(out[1].dts + out[1].composition) == 40);  // shown when it asked to be
  timeline.put({.track = video, .codec = Codec::h264, .dts = Millis(1040)}, out);
  CHECK(base::to_millis(out[2].dts) == 40);
}

TEST_CASE("a jump of the whole publisher, both ways and back, leaves the tracks together", "[timeline]") {
  for (const std::int64_t jump : {10 * hour, -10 * hour, std::int64_t{6000}, std::int64_t{-2000}, std::int64_t{-600}}) {
    for (const int lead : {0, 400, -300}) {
      INFO(jump << " " << lead);
      Machine m = twelve_seconds(
          [&](TrackId, std::uint32_t t) { return 20 * hour + t + (t >= 4000 && t < 8000 ? jump : 0); }, lead);
      for (const std::uint32_t video_name : {2000U, 6000U, 10'000U}) {
        const std::uint32_t audio_name = video_name / 23 * 23;
        CHECK(std::abs(offset_at(m, video_name, audio_name)) <= 40);
      }
      // the stream's own time goes on
      CHECK(std::abs(m.at(video, 11'000) - 11'000) <= 1000);
      CHECK(m.placed[video].size() == 300);
    }
  }
}

TEST_CASE("one time that is wrong is corrected alone", "[timeline]") {
  for (const std::int64_t by : {-9'800'000, 9'800'000, -3000, 3000, -700, 700, 450, 90'000'000}) {
    for (const TrackId wrong : {video, audio}) {
      for (const int lead : {0, 400}) {
        INFO(by << " track " << int(wrong) << " lead " << lead);
        const std::uint32_t step = wrong == video ? 40 : 23;
        Machine m = twelve_seconds(
            [&](TrackId track, std::uint32_t t) {
              const bool stray = track == wrong && t >= 2000 && t % 2000 < step;
              return hour + t + (stray ? by : 0);
            },
            lead);
        unsigned moved = 0;
        for (const auto& [track, lane] : m.placed) {
          for (const auto& [name, at] : lane)
            moved += std::abs(at - lane.front().second - (std::int64_t{name} - lane.front().first)) > 60;
        }
        CHECK(moved == 0);
        CHECK(m.placed[video].size() == 300);
        CHECK(std::abs(offset_at(m, 11'000, 11'017)) <= 1);
        CHECK(m.timeline.jumps() == 0);
      }
    }
  }
}

TEST_CASE("a gap of all tracks is kept to the millisecond", "[timeline]") {
  Machine m = twelve_seconds([](TrackId, std::uint32_t t) { return t + (t >= 4000 ? 3000 : 0); });
  for (const std::uint32_t name : {3960U, 4000U, 4040U, 11'000U}) {
    CHECK(m.at(video, name) == name + (name >= 4000 ? 3000 : 0));
  }
  CHECK(m.at(audio, 4002) == 7002);
  CHECK(m.timeline.jumps() == 0);
  CHECK(m.timeline.strays() == 0);
}

TEST_CASE("frames of the old clock after another track's jump keep their place", "[timeline]") {
  Machine m;
  m.put(video, 0);
  m.put(audio, 0);
  m.put(video, 40);
  m.put(video, 9 * hour);
  m.put(audio, 23);
  CHECK(m.last(audio) == 23);
  m.put(audio, 46);
  CHECK(m.last(audio) == 46);
  m.put(audio, 9 * hour + 30);
  CHECK(m.last(audio) == m.last(video) + 30);
  CHECK(m.timeline.jumps() == 1);
}

TEST_CASE("a clock that jumps with every message still only moves on", "[timeline]") {
  Timeline timeline;
  std::vector<Frame> out;
  for (int i = 0; i < 1000; ++i) {
    const auto track = static_cast<TrackId>(i % 3 == 0 ? 1 : 0);
    const std::int64_t raw = (i * 7919 % 13) * 3 * hour - 20 * hour;
    timeline.put({.track = track, .codec = track == video ? Codec::h264 : Codec::aac, .dts = Millis(raw)}, out);
  }
  timeline.flush(out);
  CHECK(out.size() == 1000);
  Ticks last[2] = {Ticks(-1), Ticks(-1)};
  for (const Frame& frame : out) {
    const auto track = static_cast<std::size_t>(frame.track);
    if (frame.dts <= last[track]) FAIL("went back");
    last[track] = frame.dts;
  }
  CHECK(base::to_millis(timeline.newest()) < 1000 * 250);
}

TEST_CASE("two tracks that count from different hours begin together and stay so", "[timeline]") {
  Machine m = twelve_seconds([](TrackId track, std::uint32_t t) { return t + (track == video ? 7 * hour : 0); });
  CHECK(std::abs(offset_at(m, 0, 0)) <= 40);
  CHECK(offset_at(m, 11'000, 11'017) == offset_at(m, 0, 0));
  // and a jump of both is one of both
  Machine jumps = twelve_seconds(
      [](TrackId track, std::uint32_t t) { return t + (track == video ? 7 * hour : 0) + (t >= 6000 ? 3 * hour : 0); });
  CHECK(std::abs(offset_at(jumps, 11'000, 11'017) - offset_at(jumps, 0, 0)) <= 1);
}

TEST_CASE("tracks that start apart stay apart", "[timeline]") {
  Machine m;
  for (int ms = 0; ms < 5000; ms += 20) {
    m.put(audio, ms, static_cast<std::uint32_t>(ms));
    if (ms >= 1500 && ms % 40 == 0) m.put(video, ms, static_cast<std::uint32_t>(ms));
  }
  CHECK(m.at(video, 1520) == 1520);
  CHECK(offset_at(m, 4000, 4000) == 0);
}

TEST_CASE("an audio clock that runs fast or slow is followed", "[timeline]") {
  for (const double speed : {1.003, 0.997}) {
    Machine m = twelve_seconds(
        [&](TrackId track, std::uint32_t t) { return track == video ? t : static_cast<std::int64_t>(t * speed); });
    CHECK(std::abs(m.at(audio, 11'017) - static_cast<std::int64_t>(11'017 * speed)) <= 1);
    CHECK(m.timeline.jumps() == 0);
  }
}

TEST_CASE("a frame that goes back a little is held in order and counted", "[timeline]") {
  Timeline timeline;
  std::vector<Frame> out;
  const auto put = [&](std::int64_t ms, std::int64_t composition) {
    timeline.put({.track = video, .codec = Codec::h264, .dts = Millis(ms), .composition = Millis(composition)}, out);
  };
  put(0, 0);
  put(100, 0);
  put(60, 80);
  REQUIRE(out.size() == 3);
  CHECK(out[2].dts == out[1].dts + Ticks(1));
  CHECK(base::to_millis(out[2].dts + out[2].composition) == 140);
  CHECK(timeline.nudges() == 1);
  put(140, 0);
  CHECK(base::to_millis(out[3].dts) == 140);
  // the same time twice is no fault, but keeps the order
  put(140, 0);
  CHECK(out[4].dts > Millis(140));
  CHECK(timeline.nudges() == 1);
}

TEST_CASE("a pause of one track is no jump while another goes on", "[timeline]") {
  Machine m;
  m.put(video, 0);
  for (int i = 0; i <= 1000; ++i) m.put(audio, i * 20);
  m.put(video, 20'010);
  CHECK(m.last(video) == 20'010);
  CHECK(m.timeline.jumps() == 0);
}

TEST_CASE("a message with no time of its own moves nothing", "[timeline]") {
  Machine m;
  for (int ms = 0; ms < 10'000; ms += 40) {
    m.put(video, 5 * hour + ms, static_cast<std::uint32_t>(ms));
    if (ms % 400 == 0) m.put(TrackId::data, ms % 800 == 0 ? 0 : 5 * hour + ms);
  }
  CHECK(m.at(video, 9960) == 9960);
  CHECK(std::abs(m.last(TrackId::data) - 9600) <= 40);
}

TEST_CASE("a held frame of a track that changes is forgotten, and of none else", "[timeline]") {
  Machine m;
  m.put(video, 0);
  m.put(video, 40);
  m.put(video, 9 * hour, 7);
  m.timeline.set_tracks({{.id = TrackId::audio, .generation = 1}, {.id = video}});
  m.timeline.set_tracks({{.id = video, .generation = 1}});
  m.put(video, 80, 8);
  CHECK(m.placed[video].size() == 3);
  CHECK(m.at(video, 8) == 80);
}

TEST_CASE("an absurd composition time becomes zero", "[timeline]") {
  Timeline timeline;
  std::vector<Frame> out;
  timeline.put({.codec = Codec::h264, .composition = std::chrono::hours(2)}, out);
  CHECK(out.at(0).composition == Ticks(0));
  CHECK(timeline.bad_compositions() == 1);
}

TEST_CASE("with less repair the clock is the publisher's, from zero or from the beginning", "[timeline]") {
  Timeline::Options options;
  options.repair = Timeline::Repair::origin;
  options.begin = Millis(1000);
  Machine origin{Timeline(options), {}};
  origin.put(video, 5 * hour);
  origin.put(audio, 5 * hour + 10);
  origin.put(video, 7 * hour);
  CHECK(origin.last(audio) == 1010);
  CHECK(origin.last(video) == 2 * hour + 1000);
  origin.put(video, 5 * hour + 40);
  CHECK(origin.last(video) == 1040);
  CHECK(base::to_millis(origin.timeline.newest()) == 2 * hour + 1000);

  options.repair = Timeline::Repair::none;
  Machine none{Timeline(options), {}};
  none.put(video, 5 * hour);
  none.put(video, 40);
  CHECK(none.placed[video][0].second == 5 * hour);
  CHECK(none.last(video) == 40);
  CHECK(none.timeline.jumps() == 0);
}

}  // namespace weir::test::timeline_test
