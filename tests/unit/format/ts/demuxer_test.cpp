#include "format/ts/demuxer.h"

#include <numeric>

#include "format/ts/muxer.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::demuxer_test {

using media::Codec;
using media::TrackId;
using test::operator+;
using test::read_ts;
using test::test_file;

namespace {

std::uint64_t total(const ts::Demuxer& demuxer, std::uint64_t ts::PidCounts::* field) {
  return std::accumulate(demuxer.counts().begin(), demuxer.counts().end(), std::uint64_t{0},
                         [&](std::uint64_t sum, const ts::PidCounts& counts) { return sum + counts.*field; });
}

std::vector<std::string> summary(const test::MediaFile& file) {
  std::vector<std::string> out;
  for (const auto& frame : file.frames) {
    out.push_back(std::to_string(static_cast<int>(frame->track)) + " " + std::to_string(frame->dts.count()) + " " +
                  std::to_string(frame->composition.count()) + " " + std::to_string(frame->payload.size()) +
                  (frame->key ? " key" : ""));
  }
  return out;
}

}  // namespace

TEST_CASE("streams of ffmpeg become tracks and frames", "[ts]") {
  struct Case {
    std::string name;
    Codec codec;
    std::size_t frames;
    std::uint32_t rate;
  };
  // frames: as ffprobe counts them
  for (const Case& c : {Case{"ts/ac3.ts", Codec::ac3, 16, 48'000}, Case{"ts/eac3.ts", Codec::eac3, 16, 48'000},
                        Case{"ts/mp3.ts", Codec::mp3, 21, 44'100}, Case{"ts/latm.ts", Codec::aac, 25, 48'000}}) {
    INFO(c.name);
    const auto file = read_ts(test_file(c.name));
    REQUIRE(file.tracks.size() == 1);
    CHECK(file.tracks[0].parameters->codec == c.codec);
    CHECK(file.tracks[0].parameters->sample_rate == c.rate);
    CHECK(file.frames.size() == c.frames);
  }
  const auto hevc = read_ts(test_file("ts/hevc_opus.ts"));
  REQUIRE(hevc.tracks.size() == 2);
  CHECK(hevc.tracks[0].parameters->codec == Codec::hevc);
  CHECK(hevc.tracks[0].parameters->width == 160);
  CHECK(hevc.tracks[1].parameters->codec == Codec::opus);
  CHECK(hevc.tracks[1].parameters->channels == 1);
  CHECK(hevc.count(TrackId::video) == 25);
  CHECK(hevc.frames.front()->key);
  const auto avc = read_ts(test_file("ts/h264_aac.ts"));
  REQUIRE(avc.tracks.size() == 2);
  CHECK(avc.tracks[0].parameters->codec == Codec::h264);
  CHECK(avc.tracks[0].parameters->frame_rate == 25);
  CHECK(avc.count(TrackId::video) == 25);
}

TEST_CASE("the times are those that ffprobe sees", "[ts][ffprobe]") {
  if (!test::has_ffprobe()) return;
  for (const std::string name : {"ts/h264_aac.ts", "ts/hevc_opus.ts", "ts/ac3.ts", "ts/mp3.ts", "ts/latm.ts"}) {
    INFO(name);
    const auto bytes = test_file(name);
    const auto file = read_ts(bytes);
    const auto seen = test::probe(bytes, "ts");
    REQUIRE(seen.size() == file.frames.size());
    for (const bool video : {true, false}) {
      const auto frames = file.of(video ? TrackId::video : TrackId::audio);
      std::size_t i = 0;
      for (const auto& packet : seen) {
        if (packet.video != video) continue;
        REQUIRE(std::abs(frames.at(i)->dts.count() - packet.dts) <= 2);
        REQUIRE(std::abs((frames[i]->dts + frames[i]->composition).count() - packet.pts) <= 2);
        ++i;
      }
    }
  }
}

TEST_CASE("a stream in any pieces gives the same frames", "[ts]") {
  const auto wire = test_file("ts/h264_aac.ts");
  const auto whole = summary(read_ts(wire));
  REQUIRE(whole.size() > 60);
  test::feed_every_way(
      wire, [] { return ts::Demuxer(); }, [](ts::Demuxer& demuxer, base::Bytes piece) { demuxer.input(piece); },
      [&](ts::Demuxer& demuxer) {
        demuxer.finish();
        REQUIRE(summary(test::drain(demuxer)) == whole);
      });
}

TEST_CASE("packets of 192 and 204 bytes are taken", "[ts]") {
  CHECK(read_ts(test_file("ts/h264.m2ts")).count(TrackId::video) == 10);
  const auto wire = test_file("ts/h264_aac.ts");
  test::ByteVector longer;
  for (std::size_t at = 0; at < wire.size(); at += 188) {
    longer.insert(longer.end(), wire.begin() + static_cast<long>(at), wire.begin() + static_cast<long>(at + 188));
    longer.insert(longer.end(), 16, 0x47);
  }
  CHECK(summary(read_ts(longer)) == summary(read_ts(wire)));
}

TEST_CASE("a lost packet costs the frame it was in, and is counted", "[ts]") {
  const auto wire = test_file("ts/h264_aac.ts");
  const auto whole = read_ts(wire);
  std::size_t begun = 0, heard = 0,
              start = 0;  // behind the key frame and the first time, without which there is nothing
  while (begun < 2 || heard < 2) {
    const auto packet = ts::parse_packet(base::Bytes(wire).subspan(188 * start++));
    begun += packet->pid == 0x100 && packet->unit_start ? 1 : 0;
    heard += packet->pid == 0x101 && packet->unit_start ? 1 : 0;
  }
  for (std::size_t lost = start; lost < wire.size() / 188; ++lost) {
    auto cut = wire;
    cut.erase(cut.begin() + static_cast<long>(lost * 188), cut.begin() + static_cast<long>(lost * 188 + 188));
    ts::Demuxer demuxer;
    demuxer.input(cut);
    demuxer.finish();
    const auto left = test::drain(demuxer);
    INFO("packet " << lost);
    // With the first packet of a frame goes the end of the one before, whose length is open.
    REQUIRE(left.count(TrackId::video) + 2 >= whole.count(TrackId::video));
    std::size_t cut_pictures = 0;
    for (const auto& frame : left.frames) {  // what is left was there before, but for the picture with the hole
      const bool known = std::any_of(whole.frames.begin(), whole.frames.end(), [&](const auto& other) {
        return other->track == frame->track && std::ranges::equal(other->payload.bytes(), frame->payload.bytes());
      });
      if (!known) REQUIRE(frame->track == TrackId::video);
      cut_pictures += known ? 0 : 1;
    }
    REQUIRE(cut_pictures <= 1);
    // Of sound, what the packet held: at most three short frames and the one that it began; no other loses its time.
    REQUIRE(left.count(TrackId::audio) + 4 >= whole.count(TrackId::audio));
    for (const auto& frame : left.of(TrackId::audio)) {
      const bool in_time = std::any_of(whole.frames.begin(), whole.frames.end(), [&](const auto& other) {
        return other->track == frame->track && std::ranges::equal(other->payload.bytes(), frame->payload.bytes()) &&
               std::chrono::abs(other->dts - frame->dts) <= std::chrono::milliseconds(24);
      });
      REQUIRE(in_time);
    }
  }
}

TEST_CASE("errors are counted per PID", "[ts]") {
  auto wire = test_file("ts/h264_aac.ts");
  const auto frames = read_ts(wire).frames.size();
  std::size_t video = 0;
  for (std::size_t at = 0; at < wire.size(); at += 188) {
    const auto packet = ts::parse_packet(base::Bytes(wire).subspan(at));
    if (packet->pid == 0x100 && ++video == 20) wire[at + 1] |= 0x80;                       // transport error
    if (packet->pid == 0x100 && video == 40) wire[at + 3] = (wire[at + 3] & 0x3f) | 0x80;  // scrambled
  }
  ts::Demuxer demuxer;
  demuxer.input(wire);
  demuxer.finish();
  CHECK(total(demuxer, &ts::PidCounts::transport_errors) == 1);
  CHECK(total(demuxer, &ts::PidCounts::scrambled) >= 1);
  CHECK(total(demuxer, &ts::PidCounts::continuity_errors) == 2);
  const auto of_video =
      std::find_if(demuxer.counts().begin(), demuxer.counts().end(), [](const auto& c) { return c.pid == 0x100; });
  CHECK(of_video->continuity_errors == 2);
  CHECK(of_video->damaged_units == 2);
  const auto left = test::drain(demuxer).frames.size();
  CHECK(left <= frames);  // a picture with a hole is shown as far as it goes
  CHECK(left + 4 >= frames);
}

TEST_CASE("a packet sent twice is taken once", "[ts]") {
  const auto wire = test_file("ts/h264_aac.ts");
  test::ByteVector twice;
  for (std::size_t at = 0; at < wire.size(); at += 188) {
    for (int i = 0; i < 2; ++i)
      twice.insert(twice.end(), wire.begin() + static_cast<long>(at), wire.begin() + static_cast<long>(at + 188));
  }
  ts::Demuxer demuxer;
  demuxer.input(twice);
  demuxer.finish();
  CHECK(total(demuxer, &ts::PidCounts::continuity_errors) == 0);
  CHECK(summary(test::drain(demuxer)) == summary(read_ts(wire)));
}

TEST_CASE("damage anywhere does no harm", "[ts]") {
  const auto wire = test_file("ts/hevc_opus.ts");
  std::uint32_t random = 12345;
  const auto next = [&] { return random = random * 1664525 + 1013904223; };
  for (int round = 0; round < 200; ++round) {
    auto broken = wire;
    for (int i = 0; i < 1 + round % 40; ++i) broken[next() % broken.size()] = static_cast<std::uint8_t>(next() >> 24);
    ts::Demuxer demuxer({.largest_pes_bytes = 100'000});
    demuxer.input(broken);
    demuxer.finish();
    CHECK(test::drain(demuxer).frames.size() <= 200);
  }
}

TEST_CASE("a PES packet without end is bounded", "[ts]") {
  ts::Muxer muxer;
  const auto file = test::read_flv("flv/h264_aac.flv");
  muxer.set_tracks({file.tracks[0]});
  base::Buffer wire;
  muxer.append(*file.of(TrackId::video).front(), wire);
  ts::Demuxer demuxer({.largest_pes_bytes = 10'000});
  demuxer.input(wire);
  auto packet = test::bytes("47 0100 10") + test::repeat(0x55, 184);
  for (int i = 0; i < 1000; ++i) {
    packet[3] = static_cast<std::uint8_t>(0x10 | (i & 15));
    demuxer.input(packet);
  }
  CHECK(total(demuxer, &ts::PidCounts::damaged_units) <= 1);
}

TEST_CASE("new parameters in band are a new generation", "[ts]") {
  const auto one = test::read_flv("flv/h264_aac.flv"), other = test::read_flv("flv/h264_mp3.flv");
  ts::Muxer muxer;
  base::Buffer wire;
  muxer.set_tracks({one.tracks[0]});
  muxer.append(*one.of(TrackId::video).front(), wire);
  muxer.set_tracks({other.tracks[0]});
  auto later = *other.of(TrackId::video).front();
  later.dts += std::chrono::seconds(1);
  muxer.append(later, wire);
  ts::Demuxer demuxer;
  demuxer.input(wire);
  demuxer.finish();
  const auto first = demuxer.poll(), second = demuxer.poll();
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(first->tracks);
  REQUIRE(second->tracks);
  CHECK(first->tracks->front().parameters->width == 320);
  CHECK(second->tracks->front().parameters->width == 160);
  CHECK(second->frame->generation > first->frame->generation);
}

}  // namespace weir::test::demuxer_test
