#include <numeric>

#include "format/ts/demuxer.h"
#include "format/ts/muxer.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::untimed_test {

// PES packets that do not say when they are due.
using media::TrackId;

namespace {

constexpr ts::Pid video = 0x100, audio = 0x101;

// Without the times of one PID's PES packets, from the `from`th on; the header keeps its length.
void take_times(test::ByteVector& wire, ts::Pid pid, std::size_t from = 0) {
  std::size_t found = 0;
  for (std::size_t at = 0; at + 188 <= wire.size(); at += 188) {
    const auto packet = ts::parse_packet(base::Bytes(wire).subspan(at));
    if (!packet || packet->pid != pid || !packet->unit_start || found++ < from) continue;
    std::uint8_t* const pes = wire.data() + at + 188 - packet->payload.size();
    if ((pes[7] & 0x80) == 0) continue;
    pes[7] &= 0x3f;
    std::fill(pes + 9, pes + 9 + pes[8], std::uint8_t{0xff});
  }
}

// Without clock references, from the `from`th on.
void take_clock(test::ByteVector& wire, std::size_t from) {
  std::size_t found = 0;
  for (std::size_t at = 0; at + 188 <= wire.size(); at += 188) {
    const auto packet = ts::parse_packet(base::Bytes(wire).subspan(at));
    if (!packet || !packet->pcr || found++ < from) continue;
    wire[at + 5] &= 0xef;
    std::fill_n(wire.begin() + static_cast<long>(at + 6), 6, std::uint8_t{0xff});
  }
}

std::uint64_t total(const ts::Demuxer& demuxer, std::uint64_t ts::PidCounts::* field) {
  return std::accumulate(demuxer.counts().begin(), demuxer.counts().end(), std::uint64_t{0},
                         [&](std::uint64_t sum, const ts::PidCounts& counts) { return sum + counts.*field; });
}

// `seconds` of pictures at `rate`, and AAC beside them.
test::ByteVector stream_of(int seconds, int rate) {
  const auto file = test::read_flv("flv/h264_aac.flv");
  ts::Muxer muxer({.audio_hold = std::chrono::milliseconds(60)});
  muxer.set_tracks(file.tracks);
  base::Buffer out;
  const auto pictures = file.of(TrackId::video), sounds = file.of(TrackId::audio);
  base::Ticks heard{};
  for (int i = 0; i < seconds * rate; ++i) {
    media::Frame picture = *pictures[static_cast<std::size_t>(i) % pictures.size()];
    picture.dts = base::Ticks(i * 90'000 / rate);
    picture.composition = {};
    for (; heard < picture.dts; heard += base::Ticks(1024 * 90'000 / 44'100)) {
      media::Frame sound = *sounds[1];
      sound.dts = heard;
      muxer.append(sound, out);
    }
    muxer.append(picture, out);
  }
  muxer.append_flush(out);
  return {out.bytes().begin(), out.bytes().end()};
}

test::MediaFile read(ts::Demuxer& demuxer, base::Bytes wire) {
  demuxer.input(wire);
  demuxer.finish();
  return test::drain(demuxer);
}

base::Ticks largest_error(const std::vector<media::FrameRef>& got, const std::vector<media::FrameRef>& wanted,
                          std::size_t from) {
  base::Ticks largest{};
  for (std::size_t i = from; i < got.size(); ++i) {
    largest =
        std::max(largest, std::chrono::abs((got[i]->dts - got[from]->dts) - (wanted[i]->dts - wanted[from]->dts)));
  }
  return largest;
}

}  // namespace

TEST_CASE("a program without any time plays by its clock", "[ts][untimed]") {
  for (const int rate : {25, 50, 30}) {
    INFO(rate);
    const auto whole = stream_of(8, rate);
    const auto wanted = test::read_ts(whole);
    auto wire = whole;
    take_times(wire, video);
    take_times(wire, audio);
    ts::Demuxer demuxer;
    const auto got = read(demuxer, wire);
    for (const TrackId track : {TrackId::video, TrackId::audio}) {
      INFO(static_cast<int>(track));
      const auto frames = got.of(track), were = wanted.of(track);
      REQUIRE(frames.size() + 1 >= were.size());  // sound before the first clock is lost
      // After two seconds the pace is known.
      CHECK(largest_error(frames, were, static_cast<std::size_t>(2 * rate)) < std::chrono::milliseconds(120));
      for (std::size_t i = 1; i < frames.size(); ++i) REQUIRE(frames[i]->dts > frames[i - 1]->dts);
    }
    const auto apart = [](const test::MediaFile& file) {
      return file.of(TrackId::video).back()->dts - file.of(TrackId::audio).back()->dts;
    };
    CHECK(std::chrono::abs(apart(got) - apart(wanted)) < std::chrono::milliseconds(350));
    CHECK(total(demuxer, &ts::PidCounts::timed_by_clock) > 100);
    CHECK(total(demuxer, &ts::PidCounts::malformed) == 0);
  }
}

TEST_CASE("pictures without a time are as far before their clock as the sound is", "[ts][untimed]") {
  const auto whole = stream_of(6, 25);
  const auto wanted = test::read_ts(whole);
  const bool all = GENERATE(true, false);  // or from the fiftieth on
  auto wire = whole;
  take_times(wire, video, all ? 0 : 50);
  ts::Demuxer demuxer;
  const auto got = read(demuxer, wire);
  const auto frames = got.of(TrackId::video), were = wanted.of(TrackId::video);
  REQUIRE(frames.size() == were.size());
  REQUIRE(got.count(TrackId::audio) == wanted.count(TrackId::audio));
  for (std::size_t i = 30; i < frames.size(); ++i) {
    INFO(i);
    REQUIRE(std::chrono::abs(frames[i]->dts - were[i]->dts) < std::chrono::milliseconds(200));
  }
}

TEST_CASE("one that is missing among others is a step behind the one before, whatever the clock says",
          "[ts][untimed]") {
  const auto whole = stream_of(4, 25);
  auto wire = whole;
  std::size_t found = 0;
  for (std::size_t at = 0; at + 188 <= wire.size(); at += 188) {
    const auto packet = ts::parse_packet(base::Bytes(wire).subspan(at));
    if (packet->pid != video || !packet->unit_start || ++found % 2 != 0) continue;
    std::uint8_t* const pes = wire.data() + at + 188 - packet->payload.size();
    pes[7] &= 0x3f;
    std::fill(pes + 9, pes + 9 + pes[8], std::uint8_t{0xff});
  }
  ts::Demuxer demuxer;
  const auto frames = read(demuxer, wire).of(TrackId::video);
  REQUIRE(frames.size() == 100);
  for (std::size_t i = 1; i < frames.size(); ++i) CHECK(frames[i]->dts - frames[i - 1]->dts == base::Ticks(3600));
  CHECK(total(demuxer, &ts::PidCounts::timed_by_clock) == 0);
}

TEST_CASE("without a time and without a clock nothing is played, and it is counted", "[ts][untimed]") {
  auto wire = stream_of(2, 25);
  take_times(wire, video);
  take_times(wire, audio);
  SECTION("from the begin on") {
    take_clock(wire, 0);
    ts::Demuxer demuxer;
    CHECK(read(demuxer, wire).frames.empty());
    CHECK(total(demuxer, &ts::PidCounts::without_time) > 60);
    CHECK(total(demuxer, &ts::PidCounts::timed_by_clock) == 0);
  }
  SECTION("a clock that stops ends it after a while") {
    auto long_wire = stream_of(30, 25);
    take_times(long_wire, video);
    take_clock(long_wire, 20);
    ts::Demuxer demuxer;
    const auto got = read(demuxer, long_wire);
    CHECK(got.count(TrackId::video) > 250);
    CHECK(got.count(TrackId::video) < 300);
    CHECK(total(demuxer, &ts::PidCounts::without_time) > 400);
    CHECK(got.count(TrackId::audio) > 1000);  // which has times
  }
}

TEST_CASE("times by the clock go on where the clock begins anew", "[ts][untimed]") {
  auto one = stream_of(3, 25);
  take_times(one, video);
  take_times(one, audio);
  auto wire = one;
  wire.insert(wire.end(), one.begin(), one.end());
  ts::Demuxer demuxer;
  const auto got = read(demuxer, wire);
  CHECK(got.count(TrackId::video) >= 148);
  const auto frames = got.of(TrackId::video);
  CHECK(frames.back()->dts - frames.front()->dts < std::chrono::seconds(4));
}

}  // namespace weir::test::untimed_test
