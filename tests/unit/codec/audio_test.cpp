#include "codec/aac.h"
#include "codec/ac3.h"
#include "codec/flac.h"
#include "codec/mp3.h"
#include "codec/opus.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::audio_test {

using codec::Errc;
using test::bytes;
namespace aac = codec::aac;

TEST_CASE("AudioSpecificConfig of LC, HE and HE v2, told in front or behind", "[aac]") {
  struct Case {
    const char* wire;
    const char* profile;
    std::uint32_t core_rate, rate;
    std::uint8_t channels;
  };
  const Case cases[] = {
      {"1210", "LC", 44100, 44100, 2},  // 00010 0100 0010 000
      {"1190", "LC", 48000, 48000, 2},
      {"1188 56e500", "LC", 48000, 48000, 1},               // ffmpeg: extension present, SBR off
      {"0a10", "Main", 44100, 44100, 2},                    // 00001 0100 0010 000
      {"2b920800", "HE", 22050, 44100, 2},                  // 00101 0111 0010 0100 00010 000
      {"eb8a0800", "HEv2", 22050, 44100, 2},                // 11101 0111 0001 0100 00010 000
      {"1390 56e5a0", "HE", 22050, 44100, 2},               // LC, then 0x2b7 00101 1 0100
      {"1388 56e5a5 4880", "HEv2", 22050, 44100, 2},        // and 0x548 1
      {"17 80 22 20 88", "LC", 0x4440 + 1, 0x4440 + 1, 1},  // 00010 1111, a rate of 24 bits, 0001
  };
  for (const Case& c : cases) {
    INFO(c.wire);
    const auto configuration = aac::parse_configuration(bytes(c.wire));
    REQUIRE(configuration.has_value());
    CHECK(aac::profile_text(*configuration) == c.profile);
    CHECK(configuration->sample_rate == c.core_rate);
    CHECK(configuration->output_sample_rate() == c.rate);
    CHECK(configuration->output_channels() == c.channels);
    CHECK(configuration->frame_samples == 1024);
  }
}

TEST_CASE("a program config element tells the channels", "[aac]") {
  // 00010 0100 0000 000; element 0000 01 0100, front 0001 side 0000 back 0001, lfe 01, assoc 000, cc 0000, no mixdowns,
  // front pair 1 0000, back pair 1 0001, lfe 0000, alignment, comment of no bytes
  const auto configuration = aac::parse_configuration(bytes("1200 050405002110 00"));
  REQUIRE(configuration.has_value());
  CHECK(configuration->channels == 5);
  CHECK(configuration->channel_configuration == 0);
}

TEST_CASE("a bad AudioSpecificConfig is an error that says what", "[aac]") {
  CHECK(aac::parse_configuration({}).error() == Errc::empty);
  CHECK(aac::parse_configuration(bytes("12")).error() == Errc::truncated);
  CHECK(aac::parse_configuration(bytes("1690")).error() == Errc::bad_sample_rate);  // index 13
  CHECK(aac::parse_configuration(bytes("0210")).error() == Errc::bad_object_type);  // 0
  CHECK(aac::parse_configuration(bytes("1240")).error() == Errc::bad_channels);     // configuration 8 is reserved
  CHECK(aac::parse_configuration(bytes("1200 0504")).error() == Errc::truncated);
}

TEST_CASE("AudioSpecificConfig is built", "[aac]") {
  CHECK(test::hex(aac::build_configuration(2, 44100, 2)) == "1210");
  CHECK(test::hex(aac::build_configuration(2, 48000, 1)) == "1188");
  CHECK(aac::rate_index(12345) == 15);
}

// What ffmpeg 5.1 decodes to samples that are all zero.
TEST_CASE("a silent access unit has each channel, and nothing in it", "[aac]") {
  const char* units[] = {"00000007",
                         "2000000000000e",
                         "0000000100000000000070",
                         "000000010000000000000100000380",
                         "0000000100000000000011000000000007",
                         "000000010000000000001100000000000300000038",
                         "00000001000000000000110000000000012000000000003000000380"};
  aac::Configuration configuration{.sample_rate = 48'000};
  for (std::uint8_t channels = 1; channels <= 7; ++channels) {
    INFO(int(channels));
    configuration.channel_configuration = channels;
    CHECK(test::hex(aac::silent_unit(configuration)) == units[channels - 1]);
  }
  configuration.channel_configuration = 0;
  CHECK(aac::silent_unit(configuration).empty());
  configuration.channel_configuration = 12;
  CHECK(aac::silent_unit(configuration).empty());
  CHECK(aac::silent_unit({.object_type = 23, .channel_configuration = 2}).empty());
}

TEST_CASE("an ADTS header is written and read", "[aac]") {
  aac::Configuration configuration = *aac::parse_configuration(bytes("1210"));
  std::uint8_t out[aac::adts_header_bytes];
  REQUIRE(aac::write_adts_header(out, configuration, 200).has_value());
  // fff1: no checksum; profile 1, rate 4, channels 2; length 207; fullness 7ff
  CHECK(test::hex(out) ==
        "fff15080"
        "19fffc");
  const auto header = aac::parse_adts_header(out);
  REQUIRE(header.has_value());
  CHECK(header->object_type == 2);
  CHECK(header->sample_rate == 44100);
  CHECK(header->channel_configuration == 2);
  CHECK(header->frame_bytes == 207);
  CHECK(header->header_bytes == 7);
  CHECK(header->raw_blocks == 1);
  CHECK(aac::write_adts_header(out, configuration, 8185).error() == Errc::bad_frame_size);
  CHECK(aac::parse_adts_header(bytes("fff15080 19ff")).error() == Errc::truncated);
  CHECK(aac::parse_adts_header(bytes("fef15080 19fffc")).error() == Errc::bad_sync);
  CHECK(aac::parse_adts_header(bytes("fff17480 19fffc")).error() == Errc::bad_sample_rate);
  CHECK(aac::parse_adts_header(bytes("fff15080 007ffc")).error() == Errc::bad_frame_size);
}

TEST_CASE("MPEG audio frame headers", "[mp3]") {
  using codec::mp3::parse_frame_header;
  const auto stereo = parse_frame_header(bytes("fffb9064"));  // MPEG-1 layer III 128 kb/s 44.1 kHz joint stereo
  REQUIRE(stereo.has_value());
  CHECK(stereo->sample_rate == 44100);
  CHECK(stereo->channels == 2);
  CHECK(stereo->bitrate_bps == 128'000);
  CHECK(stereo->frame_bytes == 417);
  CHECK(stereo->frame_samples == 1152);
  const auto low = parse_frame_header(bytes("fff340c4"));  // MPEG-2 layer III 32 kb/s 22.05 kHz mono
  REQUIRE(low.has_value());
  CHECK(low->sample_rate == 22050);
  CHECK(low->channels == 1);
  CHECK(low->frame_samples == 576);
  CHECK(low->frame_bytes == 104);
  CHECK(parse_frame_header(bytes("ffe348c4"))->sample_rate == 8000);  // MPEG-2.5
  CHECK(parse_frame_header(bytes("fffb90")).error() == Errc::truncated);
  CHECK(parse_frame_header(bytes("fffb9c64")).error() == Errc::bad_sample_rate);
  CHECK(parse_frame_header(bytes("fffbf064")).error() == Errc::bad_parameter);
  CHECK(parse_frame_header(bytes("49443304")).error() == Errc::bad_sync);  // an ID3 tag
  CHECK(parse_frame_header(bytes("ffeb9064")).error() == Errc::bad_sync);  // reserved version
}

TEST_CASE("Opus heads and packet durations", "[opus]") {
  using namespace codec::opus;
  const auto wire = bytes("4f70757348656164 01 02 3801 80bb0000 0000 00");  // ffmpeg: stereo, pre-skip 312, 48 kHz
  const auto head = parse_head(wire);
  REQUIRE(head.has_value());
  CHECK(head->channels == 2);
  CHECK(head->pre_skip == 312);
  CHECK(head->input_sample_rate == 48000);
  CHECK(test::hex(build_head(*head)) == test::hex(wire));
  CHECK(parse_head(base::Bytes(wire).first(18)).error() == Errc::truncated);
  CHECK(parse_head(bytes("4f70757348656165 01 02 3801 80bb0000 0000 00")).error() == Errc::bad_sync);
  CHECK(parse_head(bytes("4f70757348656164 01 00 3801 80bb0000 0000 00")).error() == Errc::bad_channels);

  const auto ms = [](const char* packet) { return parse_packet(bytes(packet))->duration / base::Ticks(90); };
  CHECK(ms("fc") == 20);     // configuration 31, stereo, one frame
  CHECK(ms("78") == 20);     // 15: hybrid 20 ms
  CHECK(ms("18") == 60);     // 3: SILK 60 ms
  CHECK(ms("19") == 120);    // two of them
  CHECK(ms("fb 03") == 60);  // three frames of 20 ms
  CHECK(parse_packet(bytes("fc"))->channels == 2);
  CHECK(parse_packet(bytes("fb 07")).error() == Errc::bad_parameter);  // 140 ms
  CHECK(parse_packet(bytes("fb 00")).error() == Errc::bad_parameter);
  CHECK(parse_packet(bytes("fb")).error() == Errc::truncated);
  CHECK(parse_packet({}).error() == Errc::empty);
}

TEST_CASE("FLAC stream information, with and without what stands before it in a file", "[flac]") {
  using codec::flac::parse_stream_info;
  const auto file = bytes("664c6143 00000022 12001200 0004a30005080ac442f0000022745d105ceb212ad5d36e4f5608def3d8b7");
  for (const std::size_t skip : {0U, 4U, 8U}) {
    const auto info = parse_stream_info(base::Bytes(file).subspan(skip));
    REQUIRE(info.has_value());
    CHECK(info->sample_rate == 44100);
    CHECK(info->channels == 2);
    CHECK(info->bits == 16);
    CHECK(info->largest_block == 4608);
  }
  CHECK(parse_stream_info(base::Bytes(file).first(40)).error() == Errc::truncated);
  CHECK(parse_stream_info({}).error() == Errc::empty);
}

TEST_CASE("AC-3 and E-AC-3 frame headers", "[ac3]") {
  using codec::ac3::parse_frame_header;
  const auto surround = parse_frame_header(bytes("0b771e8b1c40ebf8403eff74"));  // ffmpeg: 5.1, 48 kHz, 384 kb/s
  REQUIRE(surround.has_value());
  CHECK_FALSE(surround->enhanced);
  CHECK(surround->sample_rate == 48000);
  CHECK(surround->channels == 6);
  CHECK(surround->frame_bytes == 1536);
  const auto stereo = parse_frame_header(bytes("0b77c2ea544043e106f575f0"));  // 44.1 kHz, 192 kb/s
  REQUIRE(stereo.has_value());
  CHECK(stereo->sample_rate == 44100);
  CHECK(stereo->channels == 2);
  CHECK(stereo->frame_bytes == 834);
  const auto enhanced = parse_frame_header(bytes("0b7702ff3f87c0002080200002004000"));
  REQUIRE(enhanced.has_value());
  CHECK(enhanced->enhanced);
  CHECK(enhanced->sample_rate == 48000);
  CHECK(enhanced->channels == 6);
  CHECK(enhanced->frame_bytes == 1536);
  CHECK(enhanced->frame_samples == 1536);
  CHECK(parse_frame_header(bytes("0b78c2ea5440")).error() == Errc::bad_sync);
  CHECK(parse_frame_header(bytes("0b77c2ea")).error() == Errc::truncated);
  CHECK(parse_frame_header(bytes("0b77c2eac04043e1")).error() == Errc::bad_sample_rate);
  CHECK(parse_frame_header(bytes("0b77c2ea54ff")).error() == Errc::bad_version);
}

}  // namespace weir::test::audio_test
