#include "format/ps/demuxer.h"

#include "support/catch.h"
#include "support/media_files.h"
#include "support/ps_maker.h"

namespace weir::test::demuxer_test {

using media::Codec;
using media::TrackId;
using test::bytes;
using test::PsFaults;
using test::PsMaker;
using test::operator+;
using base::Ticks;

namespace {

using Faults = PsFaults;

test::MediaFile read(ps::Demuxer& demuxer) {
  test::MediaFile out;
  while (auto unit = demuxer.poll()) out.frames.push_back(std::make_shared<media::Frame>(std::move(unit->frame)));
  out.tracks = demuxer.tracks();
  return out;
}

// Pictures of a real encoder, and AAC beside them.
const test::MediaFile& clip() {
  static const test::MediaFile file = test::read_ts(test::test_file("ts/h264_aac.ts"));
  return file;
}
const test::MediaFile& hevc_clip() {
  static const test::MediaFile file = test::read_ts(test::test_file("ts/hevc_opus.ts"));
  return file;
}

test::ByteVector made_of(const test::MediaFile& file, Faults faults, std::size_t most = 1000) {
  PsMaker maker(file.tracks, faults);
  test::ByteVector out;
  for (const auto& frame : file.frames) {
    if (most-- == 0) break;
    if (ps::type_of_codec(frame->codec)) out = out + maker.pack(*frame);
  }
  return out;
}

test::MediaFile demuxed(base::Bytes stream) {
  ps::Demuxer demuxer;
  demuxer.input(stream);
  demuxer.finish();
  return read(demuxer);
}

// The same pictures, byte by byte, as far apart as they were.
void check_pictures(const test::MediaFile& got, const test::MediaFile& sent, bool times = true) {
  const auto a = got.of(TrackId::video), b = sent.of(TrackId::video);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO(i);
    REQUIRE(test::hex(a[i]->payload) == test::hex(b[i]->payload));
    CHECK(a[i]->key == b[i]->key);
    if (!times) continue;
    CHECK(a[i]->dts == b[i]->dts);
    CHECK(a[i]->composition == b[i]->composition);
  }
}

void check_sound(const test::MediaFile& got, const test::MediaFile& sent) {
  const auto a = got.of(TrackId::audio), b = sent.of(TrackId::audio);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    REQUIRE(test::hex(a[i]->payload) == test::hex(b[i]->payload));
    CHECK(std::abs((a[i]->dts - b[i]->dts).count()) <= 1);
  }
}

}  // namespace

TEST_CASE("packs of every kind of device give the same frames", "[ps]") {
  const auto faults =
      GENERATE(Faults{}, Faults{.most_payload = 1400}, Faults{.most_payload = 1400, .times = Faults::Times::each},
               Faults{.map = Faults::Map::none}, Faults{.map = Faults::Map::late}, Faults{.map = Faults::Map::wrong},
               Faults{.map = Faults::Map::wrong_checksum}, Faults{.length = Faults::Length::zero},
               Faults{.length = Faults::Length::too_short}, Faults{.length = Faults::Length::too_long},
               Faults{.private_data = true}, Faults{.pack_for_each_nal = true}, Faults{.stuffing = true},
               Faults{.times = Faults::Times::each, .pack_for_each_nal = true},
               Faults{.map = Faults::Map::none, .video_id = 0xe2, .audio_id = 0xc1});
  CAPTURE(faults.most_payload, static_cast<int>(faults.times), static_cast<int>(faults.map),
          static_cast<int>(faults.length), faults.pack_for_each_nal);
  const auto got = demuxed(made_of(clip(), faults));
  check_pictures(got, clip());
  check_sound(got, clip());
  REQUIRE(got.tracks.size() == 2);
  CHECK(got.tracks[0].parameters->codec == Codec::h264);
  CHECK(got.tracks[0].parameters->extradata.size() == clip().tracks[0].parameters->extradata.size());
  CHECK(got.tracks[1].parameters->codec == Codec::aac);
}

TEST_CASE("HEVC, announced as what it is, as H.264 or not at all", "[ps]") {
  const auto map = GENERATE(Faults::Map::right, Faults::Map::wrong, Faults::Map::none);
  const auto got = demuxed(made_of(hevc_clip(), {.most_payload = 500, .map = map}));
  check_pictures(got, hevc_clip());
  REQUIRE(got.tracks.size() == 1);
  CHECK(got.tracks[0].parameters->codec == Codec::hevc);
}

TEST_CASE("a program stream may be cut anywhere", "[ps]") {
  const auto stream = made_of(clip(), {.most_payload = 900, .private_data = true}, 12);
  const auto whole = demuxed(stream);
  REQUIRE(whole.frames.size() >= 10);
  test::feed_every_way(
      stream, [] { return ps::Demuxer(); }, [](ps::Demuxer& demuxer, base::Bytes piece) { demuxer.input(piece); },
      [&](ps::Demuxer& demuxer) {
        demuxer.finish();
        const auto got = read(demuxer);
        REQUIRE(got.frames.size() == whole.frames.size());
        for (std::size_t i = 0; i < whole.frames.size(); ++i) {
          REQUIRE(test::hex(got.frames[i]->payload) == test::hex(whole.frames[i]->payload));
          REQUIRE(got.frames[i]->dts == whole.frames[i]->dts);
        }
      });
}

TEST_CASE("without times in the packets those of RTP stand in", "[ps]") {
  PsMaker maker(clip().tracks, {.most_payload = 1000, .times = Faults::Times::none});
  const auto piece =
      GENERATE(std::size_t{300}, std::size_t{1400}, std::size_t{100'000});  // a pack over many packets, and in one
  ps::Demuxer demuxer;
  Ticks sent(1'000'000);
  std::vector<Ticks> times;
  for (const auto& frame : clip().of(TrackId::video)) {
    sent += Ticks(3'600);
    times.push_back(sent);
    const auto pack = maker.pack(*frame);
    for (std::size_t at = 0; at < pack.size(); at += piece) {
      demuxer.input(base::Bytes(pack).subspan(at, std::min(piece, pack.size() - at)), sent);
    }
  }
  demuxer.finish();
  const auto got = read(demuxer);
  check_pictures(got, clip(), false);
  for (std::size_t i = 0; i < times.size(); ++i) CHECK(got.frames[i]->dts == times[i]);
}

TEST_CASE("a time that stands still ends no picture where packets have times of their own", "[ps]") {
  PsMaker maker(clip().tracks, {});
  ps::Demuxer demuxer;
  Ticks sent{};
  for (const auto& frame : clip().of(TrackId::video)) {
    media::Frame still = *frame;
    still.dts = Ticks(9'000);
    still.composition = {};
    sent += Ticks(3'600);
    demuxer.input(maker.pack(still), sent);
  }
  demuxer.finish();
  check_pictures(read(demuxer), clip(), false);
}

TEST_CASE("without any time that moves a picture ends where the next one begins", "[ps]") {
  const bool told = GENERATE(false, true);  // by RTP, always the same
  PsMaker maker(clip().tracks, {.times = Faults::Times::none, .pack_for_each_nal = GENERATE(false, true)});
  ps::Demuxer demuxer;
  for (const auto& frame : clip().of(TrackId::video)) {
    demuxer.input(maker.pack(*frame), told ? std::optional(Ticks(5)) : std::nullopt);
  }
  demuxer.finish();
  const auto got = read(demuxer);
  check_pictures(got, clip(), false);
  for (std::size_t i = 1; i < got.frames.size(); ++i) CHECK(got.frames[i]->dts > got.frames[i - 1]->dts);
}

TEST_CASE("the marker gives a picture at once where it can be trusted", "[ps]") {
  PsMaker maker(clip().tracks, {.most_payload = 100});
  const bool lies = GENERATE(false, true);  // each packet has one
  ps::Demuxer demuxer;
  std::size_t pictures = 0, at_once = 0, sent = 0;
  for (const auto& frame : clip().of(TrackId::video)) {
    const auto pack = maker.pack(*frame);
    base::Bytes left = pack;
    while (!left.empty()) {
      const base::Bytes pes = left.first(1 + ps::find_start_code(left.subspan(1), 0xe0));
      left = left.subspan(pes.size());
      demuxer.input(pes);
      if (lies || left.empty()) demuxer.mark();
    }
    ++sent;
    while (demuxer.poll()) ++pictures;
    at_once += pictures == sent ? 1 : 0;
  }
  demuxer.finish();
  while (demuxer.poll()) ++pictures;
  CHECK(pictures == sent);
  CHECK((at_once > sent / 2) == !lies);
}

TEST_CASE("behind a loss the next pack is waited for", "[ps]") {
  PsMaker maker(clip().tracks, {.most_payload = 600});
  const auto frames = clip().of(TrackId::video);
  ps::Demuxer demuxer;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto pack = maker.pack(*frames[i]);
    if (i != 5) {
      demuxer.input(pack);
      continue;
    }
    demuxer.input(base::Bytes(pack).first(pack.size() / 2));
    demuxer.lose();
    demuxer.input(base::Bytes(pack).subspan(pack.size() / 2 + 10));
  }
  demuxer.finish();
  const auto got = read(demuxer).of(TrackId::video);
  REQUIRE(got.size() == frames.size() - 1);
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i]->dts == frames[i < 5 ? i : i + 1]->dts);
  CHECK(demuxer.counts().damaged == 1);
}

TEST_CASE("what stands before the first pack and between packs is skipped", "[ps]") {
  const auto stream = bytes("ffd8ffe0 000001e0") + made_of(clip(), {}, 6) + bytes("000001b9");
  ps::Demuxer demuxer;
  demuxer.input(stream);
  demuxer.input(made_of(clip(), {}, 6));
  demuxer.finish();
  CHECK(read(demuxer).frames.size() >= 10);
  CHECK(demuxer.counts().skipped_bytes == 8);
}

TEST_CASE("other parameters in the middle of a stream are another generation", "[ps]") {
  ps::Demuxer demuxer;
  demuxer.input(made_of(clip(), {}));
  demuxer.input(made_of(hevc_clip(), {}));
  demuxer.finish();
  std::vector<Codec> codecs;
  while (const auto unit = demuxer.poll()) {
    if (!unit->tracks) continue;
    for (const auto& track : *unit->tracks) {
      if (track.id == TrackId::video) codecs.push_back(track.parameters->codec);
    }
  }
  REQUIRE(codecs.size() >= 2);
  CHECK(codecs.front() == Codec::h264);
  CHECK(codecs.back() == Codec::hevc);
}

TEST_CASE("a stream map of lies and of lengths beyond its end says nothing", "[ps]") {
  for (const char* map : {"000001bc 0006 e1ff ffff 0000", "000001bc 000a e1ff 0000 ffff 1be00000", "000001bc 0000",
                          "000001bc 000e e1ff 0000 0008 1be0ffff 90c00000 00000000"}) {
    ps::Demuxer demuxer;
    demuxer.input(made_of(clip(), {}, 1));
    demuxer.input(bytes(map));
    demuxer.input(made_of(clip(), {}));
    demuxer.finish();
    CHECK(read(demuxer).count(TrackId::video) == clip().count(TrackId::video) + 1);
  }
}

}  // namespace weir::test::demuxer_test
