// MP3 and AAC without a container.
#include "session/common/bare_audio.h"

#include "support/catch.h"
#include "support/sound_files.h"

namespace weir::test::bare_audio_test {

using session::BareAudio;
using test::operator+;

namespace {

struct SoundSink final : session::MediaSink {
  base::Result<void> set_tracks(media::Tracks given) override {
    tracks = std::move(given);
    ++changes;
    return {};
  }
  void expect(media::TrackProbe::Expected all) override { video_expected = all.video; }
  void put(std::span<media::Frame> given) override {
    for (media::Frame& frame : given) frames.push_back(std::move(frame));
  }
  void complain(const std::string&) override {}

  media::Tracks tracks;
  std::vector<media::Frame> frames;
  int changes = 0;
  bool video_expected = true;
};

// In pieces of that size; none: it is no sound.
std::optional<SoundSink> heard(base::Bytes file, std::size_t piece) {
  BareAudio audio;
  SoundSink sink;
  for (std::size_t at = 0; at < file.size(); at += piece) {
    if (!audio.input(file.subspan(at, std::min(piece, file.size() - at)))) return std::nullopt;
    if (audio.has_media()) REQUIRE(audio.drain(sink).has_value());
  }
  return sink;
}

// 2.4 of the ID3 specification, with bytes that look like a frame in it.
test::ByteVector id3(std::size_t size) {
  test::ByteVector tag{
      'I', 'D', '3', 4, 0, 0, 0, 0, static_cast<std::uint8_t>(size >> 7), static_cast<std::uint8_t>(size & 0x7f)};
  for (std::size_t i = 0; i < size; ++i) tag.push_back(i % 2 == 0 ? 0xff : 0xfb);
  return tag;
}

}  // namespace

TEST_CASE("sound without a container is timed by its samples, in any pieces", "[session]") {
  struct Case {
    test::ByteVector file;
    media::Codec codec;
    std::size_t units;
  };
  const Case cases[] = {{test::mp3_file(), media::Codec::mp3, test::sound_units("flv/h264_mp3.flv")},
                        {test::adts_file(), media::Codec::aac, test::sound_units("flv/h264_aac.flv")}};
  for (const Case& one : cases) {
    for (const std::size_t piece : {1U, 7U, 1'000U, 1U << 20U}) {
      for (const std::size_t tag : {0U, 500U}) {
        INFO(piece << " " << tag);
        test::ByteVector file = tag == 0 ? one.file : id3(tag) + one.file;
        file = file + test::bytes("54 41 47") + test::repeat(0, 125);  // ID3v1 at its end
        REQUIRE(BareAudio::is(base::Bytes(file).first(BareAudio::head_bytes)));
        const auto sink = heard(file, piece);
        REQUIRE(sink);
        CHECK(sink->frames.size() == one.units);
        CHECK(sink->changes == 1);
        CHECK_FALSE(sink->video_expected);
        REQUIRE(sink->tracks.size() == 1);
        CHECK(sink->tracks[0].id == media::TrackId::audio);
        CHECK(sink->tracks[0].parameters->codec == one.codec);
        const std::int64_t rate = sink->tracks[0].parameters->sample_rate;
        const std::int64_t samples = one.codec == media::Codec::aac ? 1'024 : 1'152;
        for (std::size_t i = 0; i < sink->frames.size(); ++i) {
          CHECK(sink->frames[i].dts.count() == static_cast<std::int64_t>(i) * samples * 90'000 / rate);
        }
      }
    }
  }
}

TEST_CASE("a frame that tells how long an MP3 is makes no sound", "[session]") {
  test::ByteVector file = test::mp3_file();
  const auto header = test::ByteVector(file.begin(), file.begin() + 4);
  BareAudio plain;
  SoundSink before;
  REQUIRE(plain.input(file));
  REQUIRE(plain.drain(before).has_value());
  const std::size_t length = before.frames[0].payload.size();
  test::ByteVector index = header + test::repeat(0, length - 4);
  const std::string_view word = "Xing";
  std::copy(word.begin(), word.end(), index.begin() + 21);  // one channel: 17 bytes of side information
  const auto sink = heard(index + file, 1'000);
  REQUIRE(sink);
  CHECK(sink->frames.size() == before.frames.size());
}

TEST_CASE("what is no sound is not taken for it", "[session]") {
  CHECK_FALSE(BareAudio::is(test::bytes("47 40 00 10 00 00 b0 0d 00 01")));
  CHECK_FALSE(BareAudio::is(test::repeat(0xff, 10)));  // stuffing
  CHECK_FALSE(BareAudio::is(test::bytes("46 4c 56 01 05 00 00 00 09 00")));
  CHECK_FALSE(BareAudio::is(test::bytes("ff fb")));
  CHECK_FALSE(heard(id3(100) + test::repeat('x', 100'000), 4'096));
}

}  // namespace weir::test::bare_audio_test
