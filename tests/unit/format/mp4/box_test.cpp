#include "format/mp4/box.h"

#include "format/mp4/sample_entry.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::box_test {

using namespace weir::mp4;
using test::bytes;

TEST_CASE("boxes are walked, with both kinds of size", "[mp4]") {
  // "free" of 8, "moov" of 20 with a long size, "mdat" to the end
  const auto file = bytes("00000008 66726565  00000001 6d6f6f76 0000000000000014 01020304  00000000 6d646174 aabb");
  Boxes boxes(file);
  CHECK(boxes.next()->type == fourcc("free"));
  CHECK(boxes.next()->payload.size() == 4);
  const auto mdat = boxes.next();
  REQUIRE(mdat);
  CHECK(mdat->payload.size() == 2);
  CHECK_FALSE(boxes.next());
  CHECK(boxes.error().has_value());
  CHECK(find_box(file, fourcc("moov"))->size() == 4);
  CHECK_FALSE(find_box(file, fourcc("moof")));
}

TEST_CASE("boxes that lie are told apart", "[mp4]") {
  const auto fault = [](const test::ByteVector& in) {
    Boxes boxes(in);
    while (boxes.next()) {
    }
    return boxes.error().error();
  };
  CHECK(fault(bytes("00000009 66726565")) == Errc::box_past_end);
  CHECK(fault(bytes("00000007 66726565")) == Errc::box_too_small);
  CHECK(fault(bytes("00000008 66")) == Errc::truncated);
  CHECK(fault(bytes("00000001 66726565 000000000000000f")) == Errc::box_too_small);
  CHECK(fault(bytes("00000001 66726565 ffffffffffffffff")) == Errc::box_past_end);
}

TEST_CASE("a box writer fills in sizes from the inside out", "[mp4]") {
  base::Buffer out;
  base::ByteWriter w(out);
  {
    BoxWriter outer(w, "moof");
    BoxWriter inner(w, "mfhd", 1, 0x020304);
    w.u32(7);
  }
  CHECK(test::hex(out) == test::hex(bytes("00000018 6d6f6f66 00000010 6d666864 01020304 00000007")));
}

namespace {

media::CodecParameters parameters(media::Codec codec, std::string_view extradata, std::uint32_t rate = 48'000) {
  return {.codec = codec,
          .extradata = base::SharedBytes::copy_of(bytes(extradata)),
          .width = media::kind_of(codec) == media::Kind::video ? 320U : 0,
          .height = 180,
          .sample_rate = rate,
          .channels = 2};
}

}  // namespace

TEST_CASE("the entry of AAC holds its configuration in descriptors", "[mp4]") {
  const auto entry = write_sample_entry(parameters(media::Codec::aac, "1190"));
  REQUIRE(entry.has_value());
  // AudioSampleEntry of 36 bytes with two channels of 16 bits at 48 kHz, then esds: ES descriptor of 34 bytes, decoder
  // configuration with object type 0x40 and stream type 5, the configuration, SL configuration 2
  CHECK(test::hex(entry->bytes().subspan(4, 32)) ==
        test::hex(bytes("6d703461 000000000000 0001 0000000000000000 0002 0010 00000000 bb800000")));
  CHECK(test::hex(entry->bytes().subspan(36)) ==
        test::hex(bytes("00000033 65736473 00000000 03 80808022 0000 00 04 80808014 40 15 000000 00000000 00000000"
                        "05 80808002 1190 06 80808001 02")));
}

TEST_CASE("entries come back as they went", "[mp4]") {
  const auto round_trip = [](const media::CodecParameters& given, base::Bytes frame = {}) {
    const auto entry = write_sample_entry(given, frame);
    REQUIRE(entry.has_value());
    const auto back = parse_sample_entry(*entry);
    REQUIRE(back.has_value());
    CHECK(back->codec == given.codec);
    CHECK(test::hex(back->extradata) == test::hex(given.extradata));
  };
  round_trip(parameters(media::Codec::aac, "1190"));
  round_trip(parameters(media::Codec::mp3, ""));
  round_trip(parameters(media::Codec::h264, "0164001e ffe1 0004 67640000 01 0002 68ee"));
  round_trip(parameters(media::Codec::hevc, "01016000"));
  round_trip(parameters(media::Codec::av1, "81000c00"));
  // OpusHead: version 1, two channels, pre-skip 312, 48000 Hz, gain -1, family 0
  round_trip(parameters(media::Codec::opus, "4f70757348656164 01 02 3801 80bb0000 ffff 00"));
  round_trip(
      parameters(media::Codec::flac, "1000 1000 000000 000000 0ac442f0 00000000 00000000000000000000000000000000"));
  // syncinfo of AC-3: 48 kHz, size code 16 (160 kb/s); bsid 8, bsmod 0, acmod 2, no dsurmod, no lfe
  const auto ac3 = bytes("0b77 0000 10 40 40 00 00 00");
  const auto entry = write_sample_entry(parameters(media::Codec::ac3, ""), ac3);
  REQUIRE(entry.has_value());
  CHECK(test::hex(entry->bytes().subspan(entry->size() - 11)) == test::hex(bytes("0000000b 64616333 101100")));
}

TEST_CASE("what is missing or cannot be carried is refused", "[mp4]") {
  CHECK(write_sample_entry(parameters(media::Codec::h264, "")).error() == Errc::no_configuration);
  CHECK(write_sample_entry(parameters(media::Codec::aac, "")).error() == Errc::no_configuration);
  CHECK(write_sample_entry(parameters(media::Codec::ac3, "")).error() == Errc::no_configuration);
  CHECK(write_sample_entry(parameters(media::Codec::eac3, "")).error() == Errc::no_configuration);
  CHECK(write_sample_entry(parameters(media::Codec::opus, "00")).error() == Errc::no_configuration);
  CHECK(write_sample_entry(parameters(media::Codec::flac, "00")).error() == Errc::no_configuration);
  CHECK(write_sample_entry(parameters(media::Codec::speex, "")).error() == Errc::unsupported_codec);
  CHECK(parse_sample_entry(bytes("0000000c 61626364 00000000")).error() == Errc::unsupported_codec);
  CHECK(parse_sample_entry(bytes("0000000c 6d703461 00000000")).error() == Errc::no_configuration);
  CHECK(parse_sample_entry({}).error() == Errc::truncated);
}

TEST_CASE("codecs are named as RFC 6381 wants it", "[mp4]") {
  CHECK(codec_string(parameters(media::Codec::h264, "0164001f ffe1 0004 67640000 01 0002 68ee")) == "avc1.64001f");
  CHECK(codec_string(parameters(media::Codec::aac, "1190")) == "mp4a.40.2");
  media::CodecParameters mp3 = parameters(media::Codec::mp3, "");
  mp3.sample_rate = 44'100;
  CHECK(codec_string(mp3) == "mp4a.6B");  // as its sample entry says
  CHECK(codec_string(mp3, Container::transport_stream) == "mp4a.40.34");
  mp3.sample_rate = 22'050;
  CHECK(codec_string(mp3) == "mp4a.69");
  CHECK(codec_string(parameters(media::Codec::opus, "")) == "opus");
  // x265's main profile: compatible with profiles 1 and 2, read from the other end
  const auto hevc = codec_string(*test::read_ts(test::test_file("ts/hevc_opus.ts")).tracks.at(0).parameters);
  CHECK(hevc == "hvc1.1.6.L30.90");
  CHECK(codec_string(parameters(media::Codec::h264, "ff")).empty());
}

}  // namespace weir::test::box_test
