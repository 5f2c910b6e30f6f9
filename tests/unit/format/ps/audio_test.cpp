#include "format/ps/demuxer.h"
#include "media/describe.h"
#include "support/catch.h"
#include "support/media_files.h"
#include "support/ps_maker.h"

namespace weir::test::audio_test {

using base::Ticks;
using media::Codec;
using media::TrackId;
using test::PsFaults;
using test::PsMaker;

namespace {

// G.711 of 40 ms each beside the pictures of a clip.
struct Recorded {
  media::Tracks tracks;
  std::vector<media::Frame> frames;
};
Recorded camera(Codec codec, std::uint8_t silence) {
  const auto clip = test::read_ts(test::test_file("ts/h264_aac.ts"));
  Recorded out;
  out.tracks = {clip.tracks[0],
                {.id = TrackId::audio,
                 .generation = 0,
                 .parameters = std::make_shared<media::CodecParameters>(*media::describe_by_frame(codec, {}))}};
  for (const auto& frame : clip.of(TrackId::video)) {
    out.frames.push_back(*frame);
    test::ByteVector samples(320, silence);
    samples[7] = static_cast<std::uint8_t>(out.frames.size());
    out.frames.push_back({.track = TrackId::audio,
                          .codec = codec,
                          .dts = frame->dts,
                          .key = true,
                          .payload = base::SharedBytes::copy_of(samples)});
  }
  return out;
}

struct Read {
  std::vector<media::Frame> sound;
  media::Tracks tracks;
  std::vector<std::string> left_out;
};
Read read(const Recorded& recorded, PsFaults faults) {
  PsMaker maker(recorded.tracks, faults);
  ps::Demuxer demuxer;
  for (const media::Frame& frame : recorded.frames) demuxer.input(maker.pack(frame));
  demuxer.finish();
  Read out;
  while (auto unit = demuxer.poll()) {
    if (unit->frame.track == TrackId::audio) out.sound.push_back(std::move(unit->frame));
  }
  out.tracks = demuxer.tracks();
  while (auto text = demuxer.poll_left_out()) out.left_out.push_back(*text);
  return out;
}

}  // namespace

TEST_CASE("G.711 of both laws, with its own times", "[ps]") {
  const auto codec = GENERATE(Codec::pcma, Codec::pcmu);
  const auto recorded = camera(codec, 0xd5);
  const auto got = read(recorded, {.map = GENERATE(PsFaults::Map::right, PsFaults::Map::late)});
  REQUIRE(got.tracks.size() == 2);
  CHECK(got.tracks[1].parameters->codec == codec);
  CHECK(got.tracks[1].parameters->sample_rate == 8'000);
  REQUIRE(got.sound.size() == recorded.frames.size() / 2);
  for (std::size_t i = 0; i < got.sound.size(); ++i) {
    CHECK(got.sound[i].payload.data()[7] == i * 2 + 1);
    CHECK(got.sound[i].dts == recorded.frames[i * 2 + 1].dts);
  }
}

TEST_CASE("times of G.711 that count samples, and none at all, give its true pace", "[ps]") {
  const auto recorded = camera(Codec::pcma, 0xd5);
  const auto faults = GENERATE(PsFaults{.audio_in_samples = true}, PsFaults{.times = PsFaults::Times::none});
  const auto got = read(recorded, faults);
  REQUIRE(got.sound.size() > 20);
  for (std::size_t i = 2; i < got.sound.size(); ++i) CHECK(got.sound[i].dts - got.sound[i - 1].dts == Ticks(3'600));
}

TEST_CASE("G.711 that no map announces is told by its silence", "[ps]") {
  const auto mu = read(camera(Codec::pcmu, 0xff), {.map = PsFaults::Map::none});
  REQUIRE(mu.tracks.size() == 2);
  CHECK(mu.tracks[1].parameters->codec == Codec::pcmu);
  const auto a = read(camera(Codec::pcma, 0xd5), {.map = PsFaults::Map::none});
  REQUIRE(a.tracks.size() == 2);
  CHECK(a.tracks[1].parameters->codec == Codec::pcma);
}

TEST_CASE("sound that nobody can play is left out by name", "[ps]") {
  for (const auto& [type, name] : {std::pair<std::uint8_t, std::string>{0x92, "G.722.1"},
                                   {0x93, "G.723.1"},
                                   {0x99, "G.729"},
                                   {0x9b, "SVAC audio"},
                                   {0x42, "stream type 0x42"}}) {
    const auto got = read(camera(Codec::pcma, 0xd5), {.audio_type = type});
    CHECK(got.sound.empty());
    CHECK(got.tracks.size() == 1);
    CHECK(got.left_out == std::vector<std::string>{name});
  }
}

TEST_CASE("a long payload of G.711 becomes units of 40 ms", "[ps]") {
  auto recorded = camera(Codec::pcma, 0xd5);
  recorded.frames[1].payload = base::SharedBytes::copy_of(test::ByteVector(800, 0xd5));
  recorded.frames.resize(2);
  const auto got = read(recorded, {});
  REQUIRE(got.sound.size() == 3);
  CHECK(got.sound[2].payload.size() == 160);
  CHECK(got.sound[2].dts - got.sound[0].dts == Ticks(7'200));
}

}  // namespace weir::test::audio_test
