#include "format/ps/muxer.h"

#include "format/ps/demuxer.h"
#include "media/describe.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::muxer_test {

using media::Codec;
using media::TrackId;
using test::bytes;

namespace {

constexpr base::Ticks offset = std::chrono::seconds(1);

test::MediaFile through(const test::MediaFile& file, ps::Muxer& muxer, base::Buffer& wire) {
  muxer.set_tracks(file.tracks);
  for (const auto& frame : file.frames) muxer.write(*frame, wire);
  ps::Demuxer demuxer;
  demuxer.input(wire);
  demuxer.finish();
  test::MediaFile out;
  while (auto unit = demuxer.poll()) out.frames.push_back(std::make_shared<media::Frame>(std::move(unit->frame)));
  out.tracks = demuxer.tracks();
  CHECK(demuxer.counts().skipped_bytes == 0);
  CHECK(demuxer.counts().lying_lengths == 0);
  return out;
}

}  // namespace

TEST_CASE("frames come out of packs as they went in", "[ps]") {
  for (const char* name : {"ts/h264_aac.ts", "ts/hevc_opus.ts", "ts/mp3.ts"}) {
    INFO(name);
    const auto sent = test::read_ts(test::test_file(name));
    ps::Muxer muxer({.most_pes_payload = 1'000});
    base::Buffer wire;
    const auto got = through(sent, muxer, wire);
    for (const TrackId track : {TrackId::video, TrackId::audio}) {
      if (!muxer.carries(track)) continue;
      const auto a = got.of(track), b = sent.of(track);
      REQUIRE(a.size() == b.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        REQUIRE(test::hex(a[i]->payload) == test::hex(b[i]->payload));
        CHECK(std::abs((a[i]->dts - b[i]->dts - offset).count()) <= 1);
        CHECK(a[i]->composition == b[i]->composition);
        CHECK(a[i]->key == b[i]->key);
      }
    }
  }
}

TEST_CASE("a key frame's pack, byte by byte", "[ps]") {
  const auto file = test::read_ts(test::test_file("ts/h264_aac.ts"));
  const auto key = file.of(TrackId::video).front();
  REQUIRE(key->key);
  ps::Muxer muxer;
  muxer.set_tracks(file.tracks);
  base::Buffer wire;
  media::Frame at_zero = *key;
  at_zero.dts = base::Ticks{};
  at_zero.composition = {};
  REQUIRE(muxer.write(at_zero, wire));
  const base::Bytes out = wire;
  // 2.5.3.3, a clock of 0.8 s = 72,000 = 2 * 32,768 + 6,464: '01' 000 1, 15 bits of 2, 1, 15 bits of 6,464, 1, 9 of 0,
  // 1
  CHECK(test::hex(out.first(14)) == test::hex(bytes("000001ba 44 00 14 ca 04 01 030d43 f8")));
  const auto pack = ps::parse_pack_header(out);
  REQUIRE(pack);
  CHECK(pack->bytes == 14);
  CHECK(pack->clock == 72'000);
  CHECK(test::hex(out.subspan(14, 18)) == test::hex(bytes("000001bb 000c 8186a1 04 e1 7f e0e190 c0e020")));
  CHECK(test::hex(out.subspan(32, 20)) == test::hex(bytes("000001bc 0012 e1ff 0000 0008 1be00000 0fc00000")));
  CHECK(ts::crc32(out.subspan(32, 24)) == 0);
  CHECK(test::hex(out.subspan(56, 4)) == test::hex(bytes("000001e0")));
}

TEST_CASE("big pictures are several packets, of which the first has the time", "[ps]") {
  auto file = test::read_ts(test::test_file("ts/h264_aac.ts"));
  media::Frame big = *file.of(TrackId::video).front();
  test::ByteVector slice(200'000, 0x55);
  const auto size = static_cast<std::uint32_t>(slice.size());
  for (int i = 0; i < 4; ++i)
    slice[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>((size - 4) >> (24 - 8 * i));
  slice[4] = 0x65;
  slice[5] = 0x88;
  big.payload = base::SharedBytes::copy_of(slice);
  file.frames = {std::make_shared<media::Frame>(big)};
  ps::Muxer muxer;
  base::Buffer wire;
  const auto got = through(file, muxer, wire);
  REQUIRE(got.frames.size() == 1);
  CHECK(got.frames[0]->payload.size() == slice.size());
  CHECK(test::hex(got.frames[0]->payload) == test::hex(base::Bytes(slice)));
}

TEST_CASE("G.711 goes with its types, and what has none stays behind", "[ps]") {
  for (const auto& [codec, type] : {std::pair{Codec::pcma, "90"}, {Codec::pcmu, "91"}}) {
    const media::Track track{
        .id = TrackId::audio,
        .generation = 0,
        .parameters = std::make_shared<media::CodecParameters>(*media::describe_by_frame(codec, {}))};
    ps::Muxer muxer;
    muxer.set_tracks({track});
    base::Buffer wire;
    REQUIRE(muxer.write(
        {.track = TrackId::audio, .codec = codec, .payload = base::SharedBytes::copy_of(test::repeat(0xd5, 160))},
        wire));
    CHECK(test::hex(wire).find(std::string("0004") + type + "c00000") != std::string::npos);
  }
  const auto opus = test::read_ts(test::test_file("ts/hevc_opus.ts"));
  ps::Muxer muxer;
  muxer.set_tracks(opus.tracks);
  CHECK(muxer.carries(TrackId::video));
  CHECK_FALSE(muxer.carries(TrackId::audio));
  base::Buffer wire;
  CHECK_FALSE(muxer.write(*opus.of(TrackId::audio).front(), wire));
  CHECK(wire.empty());
}

TEST_CASE("ffprobe reads what is written", "[ps][ffprobe]") {
  if (!test::has_ffprobe()) return;
  const auto file = test::read_ts(test::test_file("ts/h264_aac.ts"));
  ps::Muxer muxer;
  muxer.set_tracks(file.tracks);
  base::Buffer wire;
  for (const auto& frame : file.frames) muxer.write(*frame, wire);
  std::size_t video = 0, audio = 0;
  for (const auto& packet : test::probe(wire, "mpg")) ++(packet.video ? video : audio);
  CHECK(video == file.count(TrackId::video));
  CHECK(audio == file.count(TrackId::audio));
}

}  // namespace weir::test::muxer_test
