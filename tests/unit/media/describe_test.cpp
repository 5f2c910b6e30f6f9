#include "media/describe.h"

#include "codec/error.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::describe_test {

using codec::Errc;
using media::Codec;
using test::bytes;

namespace {

base::SharedBytes shared(const char* hex) { return base::SharedBytes::copy_of(bytes(hex)); }

// 1280x720 at 60, x264
const char* const avc_record = "0142c020 ff e1 0018 6742c020da014016ec0440000003004000001e03c60ca8 01 0005 68ce0fc880";

}  // namespace

TEST_CASE("tracks are described by their configuration", "[describe]") {
  const auto avc = media::describe(Codec::h264, shared(avc_record));
  REQUIRE(avc.has_value());
  CHECK(avc->width == 1280);
  CHECK(avc->height == 720);
  CHECK(avc->frame_rate == 60);
  CHECK(avc->level == "3.2");
  CHECK(avc->nal_length_bytes == 4);
  CHECK(avc->extradata.size() == bytes(avc_record).size());

  const auto av1 = media::describe(Codec::av1, shared("81000c00 0a0b000000043cfeccfff98040"));
  REQUIRE(av1.has_value());
  CHECK(av1->width == 320);
  CHECK(av1->level == "2.0");

  const auto aac = media::describe(Codec::aac, shared("2b920800"));
  REQUIRE(aac.has_value());
  CHECK(aac->profile == "HE");
  CHECK(aac->sample_rate == 44100);

  const auto opus = media::describe(Codec::opus, shared("4f70757348656164 01 02 3801 80bb0000 0000 00"));
  REQUIRE(opus.has_value());
  CHECK(opus->sample_rate == 48000);
}

TEST_CASE("a configuration of garbage is an error, and the stream can still be carried", "[describe]") {
  const auto garbage = shared("0142c01f fd e1 0004 67ffffff 01 0002 68ce");
  CHECK(media::describe(Codec::h264, garbage).error() == Errc::truncated);
  const auto carried = media::without_description(Codec::h264, garbage);
  CHECK(carried.width == 0);
  CHECK(carried.nal_length_bytes == 2);  // the record around the garbage is good
  CHECK(carried.extradata.size() == garbage.size());
  CHECK(media::without_description(Codec::h264, shared("ff")).nal_length_bytes == 4);
  for (const Codec codec : {Codec::h264, Codec::hevc, Codec::av1, Codec::vp9, Codec::aac, Codec::opus, Codec::flac}) {
    CHECK(media::describe(codec, {}).error() == Errc::empty);
    CHECK(media::describe(codec, shared("ff")).has_error());
  }
  CHECK(media::describe(Codec::mp3, shared("ff")).error() == Errc::no_configuration);
}

TEST_CASE("tracks without a configuration are described by a frame", "[describe]") {
  CHECK(media::describe_by_frame(Codec::mp3, bytes("fffb9064"))->sample_rate == 44100);
  CHECK(media::describe_by_frame(Codec::ac3, bytes("0b77c2ea544043e106f575f0"))->channels == 2);
  CHECK(media::describe_by_frame(Codec::opus, bytes("fc"))->channels == 2);
  CHECK(media::describe_by_frame(Codec::vp8, bytes("106200 9d012a 4001 b400"))->height == 180);
  CHECK(media::describe_by_frame(Codec::vp8, bytes("116200")).error() == Errc::not_key_frame);
  CHECK(media::describe_by_frame(Codec::pcma, {})->sample_rate == 8000);
  CHECK(media::describe_by_frame(Codec::h264, bytes("65")).error() == Errc::no_configuration);
}

}  // namespace weir::test::describe_test
