#include <map>

#include "format/ts/muxer.h"
#include "format/ts/pes.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::muxer_time_test {

using media::TrackId;

namespace {

media::Frame frame_of(TrackId track, std::int64_t ms, bool key = false, std::int64_t composition_ms = 0) {
  const bool video = track == TrackId::video;
  auto payload = test::bytes(video ? key ? "00000004 65b84040" : "00000004 419a2230" : "21100450");
  return {.track = track,
          .codec = video ? media::Codec::h264 : media::Codec::aac,
          .dts = base::Millis(ms),
          .composition = base::Millis(composition_ms),
          .key = key,
          .payload = base::SharedBytes::copy_of(payload)};
}

// What a receiver sees go by: milliseconds, less the second that is added to all times.
struct Seen {
  std::vector<double> clocks;                                          // each reference
  std::map<TrackId, std::vector<std::pair<double, double>>> units;     // dts and pts of each PES packet
  double largest_step = 0, largest_table_distance = 0, latest = -1e9;  // `latest`: dts before the clock, if above zero
  bool went_back = false;
  unsigned discontinuities = 0;
};

Seen look(base::Bytes wire) {
  REQUIRE(wire.size() % ts::packet_bytes == 0);
  Seen seen;
  double tables = -1;
  for (std::size_t at = 0; at < wire.size(); at += ts::packet_bytes) {
    const auto packet = ts::parse_packet(wire.subspan(at));
    REQUIRE(packet.has_value());
    if (packet->pcr) {
      const double now = static_cast<double>(*packet->pcr) / 27'000 - 1000;
      if (packet->discontinuity) {
        ++seen.discontinuities;
        tables = now;
      } else if (!seen.clocks.empty()) {
        seen.went_back |= now < seen.clocks.back();
        seen.largest_step = std::max(seen.largest_step, now - seen.clocks.back());
      }
      seen.clocks.push_back(now);
    }
    if (packet->pid == ts::pat_pid && !seen.clocks.empty()) {
      if (tables >= 0) seen.largest_table_distance = std::max(seen.largest_table_distance, seen.clocks.back() - tables);
      tables = seen.clocks.back();
    }
    if (!packet->unit_start || packet->pid < 0x100 || packet->pid > 0x101) continue;
    const auto header = ts::parse_pes_header(packet->payload);
    REQUIRE(header.has_value());
    const double pts = static_cast<double>(*header->pts) / 90 - 1000;
    const double dts = header->dts ? static_cast<double>(*header->dts) / 90 - 1000 : pts;
    REQUIRE_FALSE(seen.clocks.empty());
    seen.latest = std::max(seen.latest, seen.clocks.back() - dts);
    seen.units[packet->pid == 0x100 ? TrackId::video : TrackId::audio].emplace_back(dts, pts);
  }
  return seen;
}

media::Tracks tracks() { return test::read_flv("flv/h264_aac.flv").tracks; }

}  // namespace

TEST_CASE("the clock never goes back, comes in time and before its frames, whichever track leads", "[ts]") {
  for (const int lead : {0, 80, 200, 400, 600, -200}) {
    for (const int video_step : {40, 200, 1000}) {
      for (const bool audio_first : {false, true}) {
        if (lead + video_step > 900) continue;  // nothing tells in advance that so slow a track is late, too
        INFO("lead " << lead << " step " << video_step << " audio first " << audio_first);
        ts::Muxer muxer({.table_interval = std::chrono::milliseconds(400)});
        muxer.set_tracks(tracks());
        base::Buffer out;
        for (int now = 0; now < 6000; ++now) {
          const auto video = [&] {
            if (now % video_step == 0) muxer.append(frame_of(TrackId::video, now + 1000, now % 2000 == 0), out);
          };
          const auto audio = [&] {
            if ((now + lead + 1000) % 23 == 0) muxer.append(frame_of(TrackId::audio, now + lead + 1000), out);
          };
          if (audio_first) audio();
          video();
          if (!audio_first) audio();
        }
        muxer.append_flush(out);
        const Seen seen = look(out);
        CHECK_FALSE(seen.went_back);
        CHECK(seen.largest_step <= 100);
        CHECK(seen.latest <= 0);
        CHECK(seen.largest_table_distance <= 500);
        CHECK(seen.discontinuities == 0);
        CHECK(seen.units.at(TrackId::video).size() == static_cast<std::size_t>(6000 / video_step));
      }
    }
  }
}

TEST_CASE("a track that falls silent does not stop the clock", "[ts]") {
  for (const TrackId silent : {TrackId::video, TrackId::audio}) {
    ts::Muxer muxer;
    muxer.set_tracks(tracks());
    base::Buffer out;
    for (int now = 0; now < 9000; ++now) {
      const bool off = now >= 3000 && now < 6000;
      if (now % 40 == 0 && !(off && silent == TrackId::video)) muxer.append(frame_of(TrackId::video, now), out);
      if (now % 23 == 0 && !(off && silent == TrackId::audio)) muxer.append(frame_of(TrackId::audio, now), out);
    }
    const Seen seen = look(out);
    CHECK_FALSE(seen.went_back);
    CHECK(seen.largest_step <= 100);
    CHECK(seen.latest <= 0);
    CHECK(seen.clocks.back() > 8500);
  }
}

TEST_CASE("no picture is shown before it is decoded", "[ts]") {
  // a pyramid whose composition times were moved down by 200 ms
  ts::Muxer muxer;
  muxer.set_tracks(tracks());
  base::Buffer out;
  const int composition[] = {-120, -40, -160, -200};
  for (int i = 0; i < 200; ++i) {
    muxer.append(frame_of(TrackId::video, i * 40, i % 50 == 0, composition[i % 4]), out);
    muxer.append(frame_of(TrackId::audio, i * 40), out);
  }
  muxer.append_flush(out);
  const Seen seen = look(out);
  const auto& video = seen.units.at(TrackId::video);
  REQUIRE(video.size() == 200);
  double last = -1e9;
  for (std::size_t i = 0; i < video.size(); ++i) {
    CHECK(video[i].second >= video[i].first);
    CHECK(video[i].first > last);
    last = video[i].first;
    CHECK(std::abs(video[i].second - (static_cast<int>(i) * 40 + composition[i % 4])) < 1);
  }
  CHECK(seen.latest <= 0);
  CHECK_FALSE(seen.went_back);
}

TEST_CASE("a skip of the time base is told", "[ts]") {
  for (const int by : {60'000, -30'000}) {
    ts::Muxer muxer;
    muxer.set_tracks(tracks());
    base::Buffer out;
    for (int i = 0; i < 200; ++i) {
      const int now = 100'000 + i * 40 + (i >= 100 ? by : 0);
      muxer.append(frame_of(TrackId::video, now, i % 50 == 0), out);
      muxer.append(frame_of(TrackId::audio, now), out);
    }
    const Seen seen = look(out);
    CHECK(seen.discontinuities == 1);
    CHECK_FALSE(seen.went_back);
    CHECK(seen.largest_step <= 100);
    CHECK(seen.latest <= 0);
  }
}

TEST_CASE("a reader that skipped is told that counters jump", "[ts]") {
  ts::Muxer muxer;
  muxer.set_tracks(tracks());
  base::Buffer before, after;
  for (int i = 0; i < 5; ++i) muxer.append(frame_of(TrackId::video, i * 40, i == 0), before);
  muxer.append_flush(before);
  const base::Buffer resumption = muxer.resumption();
  muxer.begin_segment();
  muxer.append(frame_of(TrackId::video, 200, true), after);
  std::map<ts::Pid, std::uint8_t> last;
  for (const base::Bytes wire : {resumption.bytes(), after.bytes()}) {
    for (std::size_t at = 0; at < wire.size(); at += ts::packet_bytes) {
      const auto packet = ts::parse_packet(wire.subspan(at));
      REQUIRE(packet.has_value());
      if (last.contains(packet->pid)) {
        CHECK(packet->continuity == ((last[packet->pid] + (packet->has_payload ? 1 : 0)) & 15));
      } else if (packet->pid >= 0x100 && packet->pid <= 0x101) {
        CHECK(packet->discontinuity);
      }
      last[packet->pid] = packet->continuity;
    }
  }
  CHECK(ts::parse_packet(resumption)->pid == ts::pat_pid);
}

}  // namespace weir::test::muxer_time_test
