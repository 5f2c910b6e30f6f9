#include "format/flv/body.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::body_test {

using flv::Errc;
using flv::PacketKind;
using media::Codec;
using test::bytes;
using test::operator+;

namespace {

// Parses and gives the parts as text: "codec kind track key composition-in-ticks payload".
std::string video(const char* hex) {
  const auto body = bytes(hex);
  flv::Parts parts;
  const auto parsed = flv::parse_video(body, parts);
  if (!parsed) return parsed.error().message();
  std::string text;
  for (const auto& p : parts.all()) {
    static const char* const kinds[] = {"frame", "header", "end", "metadata", "channels", "ts", "command"};
    text += std::string(text.empty() ? "" : " | ") + std::string(media::name_of(p.codec)) + " " +
            kinds[static_cast<int>(p.kind)] + " " + std::to_string(p.track) + (p.key ? " key " : " - ") +
            std::to_string(p.composition.count()) + " " + test::hex(p.payload);
  }
  return text;
}

base::ErrorCode video_fault(const char* hex) {
  flv::Parts parts;
  const auto parsed = flv::parse_video(bytes(hex), parts);
  return parsed ? base::ErrorCode() : parsed.error();
}

base::ErrorCode audio_fault(const char* hex) {
  flv::Parts parts;
  const auto parsed = flv::parse_audio(bytes(hex), parts);
  return parsed ? base::ErrorCode() : parsed.error();
}

flv::MediaPart audio(const char* hex) {
  static test::ByteVector body;
  body = bytes(hex);
  flv::Parts parts;
  const auto parsed = flv::parse_audio(body, parts);
  REQUIRE(parsed.has_value());
  REQUIRE(parts.size() == 1);
  return parts[0];
}

}  // namespace

TEST_CASE("legacy video bodies", "[flv]") {
  CHECK(video("17 00 000000 0142") == "H264 header 0 key 0 0142");
  CHECK(video("17 01 000050 0000000165") == "H264 frame 0 key 7200 0000000165");
  CHECK(video("27 01 ffffd8 41") == "H264 frame 0 - -3600 41");  // -40 ms
  CHECK(video("47 01 000000 65") == "H264 frame 0 key 0 65");    // generated key frame
  CHECK(video("17 02 000000") == "H264 end 0 key 0 ");
  CHECK(video("17 02") == "H264 end 0 key 0 ");
  CHECK(video("57 00") == "H264 command 0 - 0 ");
  CHECK(video("1c 00 000000 01") == "HEVC header 0 key 0 01");
  CHECK(video("2c 01 000028 02") == "HEVC frame 0 - 3600 02");
  CHECK(video("1d 01 000000 0a") == "AV1 frame 0 key 0 0a");
  CHECK(video_fault("") == Errc::empty_body);
  CHECK(video_fault("17") == Errc::truncated);
  CHECK(video_fault("17 01 0000") == Errc::truncated);
  CHECK(video_fault("17 03 000000") == Errc::bad_packet_type);
  CHECK(video_fault("07 01 000000") == Errc::bad_frame_type);
  CHECK(video_fault("67 01 000000") == Errc::bad_frame_type);
  CHECK(video_fault("12 00") == Errc::unsupported_codec);  // Sorenson H.263
  CHECK(video_fault("14 00") == Errc::unsupported_codec);  // VP6
}

TEST_CASE("legacy audio bodies", "[flv]") {
  const auto aac = audio("af 01 2100");
  CHECK(aac.codec == Codec::aac);
  CHECK(aac.kind == PacketKind::frame);
  CHECK(aac.key);
  CHECK(test::hex(aac.payload) == "2100");
  CHECK(audio("af 00 1210").kind == PacketKind::sequence_header);
  const auto mp3 = audio("2e fffb9064");  // 44 kHz, 16 bit, mono
  CHECK(mp3.codec == Codec::mp3);
  CHECK(mp3.sample_rate == 44100);
  CHECK(mp3.channels == 1);
  CHECK(mp3.payload.size() == 4);
  CHECK(audio("ee fff3").sample_rate == 8000);  // MP3 at 8 kHz, format 14
  CHECK(audio("72 d5").codec == Codec::pcma);
  CHECK(audio("73 d5").channels == 2);
  CHECK(audio("82 ff").codec == Codec::pcmu);
  CHECK(audio("b6 00").codec == Codec::speex);
  CHECK(audio("b7 00").channels == 1);
  CHECK(audio_fault("") == Errc::empty_body);
  CHECK(audio_fault("af") == Errc::truncated);
  CHECK(audio_fault("af 02 00") == Errc::bad_packet_type);
  CHECK(audio_fault("3e 00") == Errc::unsupported_codec);  // PCM
  CHECK(audio_fault("6e 00") == Errc::unsupported_codec);  // Nellymoser
}

TEST_CASE("enhanced video bodies", "[flv]") {
  CHECK(video("90 68766331 0101") == "HEVC header 0 key 0 0101");
  CHECK(video("91 68766331 000050 26") == "HEVC frame 0 key 7200 26");
  CHECK(video("a3 68766331 02") == "HEVC frame 0 - 0 02");  // CodedFramesX
  CHECK(video("91 61766331 ffffd8 65") == "H264 frame 0 key -3600 65");
  CHECK(video("91 61763031 0a0b") == "AV1 frame 0 key 0 0a0b");  // no composition time
  CHECK(video("91 76703039 82") == "VP9 frame 0 key 0 82");
  CHECK(video("a1 76703038 11") == "VP8 frame 0 - 0 11");
  CHECK(video("92 68766331") == "HEVC end 0 key 0 ");
  CHECK(video("84 68766331 02") == "HEVC metadata 0 - 0 02");  // whatever the frame type says
  CHECK(video("95 61763031 00") == "AV1 ts 0 key 0 00");
  CHECK(video("d1 00") == "Other command 0 - 0 ");
  CHECK(video_fault("91 76766331 00") == Errc::unsupported_codec);  // vvc1
  CHECK(video_fault("91 4f707573 00") == Errc::unsupported_codec);  // Opus is no video
  CHECK(video_fault("91 6876") == Errc::truncated);
  CHECK(video_fault("91 68766331 0000") == Errc::truncated);
  CHECK(video_fault("98 68766331") == Errc::bad_packet_type);
  CHECK(video_fault("81 68766331 000000") == Errc::bad_frame_type);
}

TEST_CASE("enhanced audio bodies", "[flv]") {
  CHECK(audio("90 6d703461 1210").kind == PacketKind::sequence_header);
  CHECK(audio("90 6d703461 1210").codec == Codec::aac);
  const auto opus = audio("91 4f707573 fc01");
  CHECK(opus.codec == Codec::opus);
  CHECK(opus.kind == PacketKind::frame);
  CHECK(test::hex(opus.payload) == "fc01");
  CHECK(audio("91 664c6143 ff").codec == Codec::flac);
  CHECK(audio("91 61632d33 0b").codec == Codec::ac3);
  CHECK(audio("91 65632d33 0b").codec == Codec::eac3);
  CHECK(audio("91 2e6d7033 ff").codec == Codec::mp3);
  CHECK(audio("92 6d703461").kind == PacketKind::end_of_sequence);
  CHECK(audio("94 4f707573 01 06 0000003f").kind == PacketKind::multichannel_config);
  CHECK(audio_fault("91 68766331 00") == Errc::unsupported_codec);
  CHECK(audio_fault("93 4f707573") == Errc::bad_packet_type);
  CHECK(audio_fault("91 4f70") == Errc::truncated);
}

TEST_CASE("multitrack bodies of each kind", "[flv]") {
  // Multitrack, OneTrack | CodedFramesX, hvc1, track 2
  CHECK(video("96 03 68766331 02 2601") == "HEVC frame 2 key 0 2601");
  // ManyTracks | CodedFrames, avc1; track 0 of 4 bytes, track 1 of 5
  CHECK(video("96 11 61766331 00 000004 00000065 01 000005 0000506566") ==
        "H264 frame 0 key 0 65 | H264 frame 1 key 7200 6566");
  // ManyTracksManyCodecs | SequenceStart; avc1 track 0, hvc1 track 1
  CHECK(video("96 20 61766331 00 000002 0142 68766331 01 000001 01") ==
        "H264 header 0 key 0 0142 | HEVC header 1 key 0 01");
  // one codec of several is not known: the others are good
  CHECK(video("96 21 76766331 00 000001 00 61763031 01 000001 0a") == "AV1 frame 1 key 0 0a");
  const auto one = audio("95 01 4f707573 03 fc");
  CHECK(one.track == 3);
  CHECK(one.codec == Codec::opus);

  CHECK(video_fault("96 06 61766331") == Errc::bad_multitrack);  // inside another
  CHECK(video_fault("96 31 61766331") == Errc::bad_multitrack);  // kind 3
  CHECK(video_fault("96") == Errc::truncated);
  CHECK(video_fault("96 11 61766331 00 00ffff 00000065") == Errc::track_past_end);
  CHECK(video_fault("96 11 61766331 00 0000") == Errc::truncated);
  CHECK(video_fault("96 21 76766331 00 000001 00") == Errc::unsupported_codec);
  test::ByteVector many = bytes("96 13 61763031");
  for (int i = 0; i < 40; ++i) many = many + bytes("00 000001 0a");
  flv::Parts parts;
  CHECK(flv::parse_video(many, parts).error() == Errc::too_many_tracks);
}

TEST_CASE("modifiers before a packet", "[flv]") {
  // ModEx of 3 bytes: 1,000,000 ns; TimestampOffsetNano | CodedFramesX; hvc1
  CHECK(video("97 02 0f4240 03 68766331 26") == "HEVC frame 0 key 90 26");
  CHECK(video("97 02 0f4240 01 68766331 000001 26") == "HEVC frame 0 key 180 26");
  // two of them, the first of a kind that is not known, and then a multitrack
  CHECK(video("97 00 55 17 02 0f4240 06 03 68766331 05 26") == "HEVC frame 5 key 90 26");
  CHECK(audio("97 02 0f4240 01 4f707573 fc").composition == base::Ticks(90));
  // a size of 16 bits: 0xff, then 0x0002 is three bytes
  CHECK(video("97 ff 0002 0f4240 03 68766331 26") == "HEVC frame 0 key 90 26");
  CHECK(video_fault("97 05 00") == Errc::truncated);
  CHECK(video_fault("97") == Errc::truncated);
  std::string endless = "97";
  for (int i = 0; i < 20; ++i) endless += " 00 00 17";
  CHECK(video_fault(endless.c_str()) == Errc::too_many_modifiers);
}

TEST_CASE("bodies cut at each length never reach beyond", "[flv]") {
  for (const char* hex :
       {"17 01 000050 0000000165", "91 68766331 000050 26", "97 02 0f4240 06 03 68766331 05 26",
        "96 20 61766331 00 000002 0142 68766331 01 000001 01", "95 01 4f707573 03 fc", "af 01 2100"}) {
    const auto body = bytes(hex);
    for (std::size_t size = 0; size <= body.size(); ++size) {
      const test::ByteVector part(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
      flv::Parts parts;
      (void)flv::parse_video(part, parts);
      for (const auto& p : parts.all())
        CHECK((p.payload.empty() || p.payload.data() + p.payload.size() <= part.data() + size));
      (void)flv::parse_audio(part, parts);
      for (const auto& p : parts.all())
        CHECK((p.payload.empty() || p.payload.data() + p.payload.size() <= part.data() + size));
    }
  }
}

}  // namespace weir::test::body_test
