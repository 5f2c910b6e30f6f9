#include "session/webrtc/frame_maker.h"

#include "base/byte_writer.h"
#include "codec/avc.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::frame_maker_test {

using namespace std::chrono_literals;
using media::Codec;
using media::TrackId;
using session::webrtc::FrameMaker;
using test::bytes;
using test::operator+;
using test::ByteVector;

namespace {

const std::string sps = "6742c020da014016ec0440000003004000001e03c60ca8", pps = "68ce0fc880";

ByteVector nal(const std::string& hex) {
  const ByteVector body = bytes(hex);
  base::Buffer out;
  base::ByteWriter(out).u32(body.size());
  return ByteVector(out.data(), out.data() + out.size()) + body;
}

FrameMaker maker_of(Codec codec, const std::string& fmtp = "") {
  return {{.codec = codec, .parameters = fmtp}, codec == Codec::opus ? TrackId::audio : TrackId::video, 3};
}

}  // namespace

TEST_CASE("a key frame counts once its parameter sets are known, wherever they came", "[webrtc]") {
  const ByteVector picture = nal("65b84040");
  SECTION("with the picture") {
    FrameMaker maker = maker_of(Codec::h264);
    CHECK_FALSE(maker.make({picture, true, true, base::Ticks(0)}).has_value());
    CHECK(maker.needs_key());
    const auto made = maker.make({nal(sps) + nal(pps) + picture, true, true, base::Ticks(90)});
    REQUIRE(made.has_value());
    CHECK(made->track_changed);
    CHECK(made->frame.generation == 3);
    CHECK(made->frame.key);
    CHECK(maker.track().parameters->width == 1280);
    CHECK_FALSE(maker.make({picture, true, true, base::Ticks(180)})->track_changed);
  }
  SECTION("alone, before it") {
    FrameMaker maker = maker_of(Codec::h264);
    CHECK_FALSE(maker.make({nal(sps), false, false, base::Ticks(0)}).has_value());
    CHECK_FALSE(maker.make({nal(pps), false, false, base::Ticks(0)}).has_value());
    CHECK(maker.make({picture, true, true, base::Ticks(0)})->track_changed);
  }
  SECTION("in the SDP") {
    FrameMaker maker =
        maker_of(Codec::h264, "packetization-mode=1;sprop-parameter-sets=Z0LAINoBQBbsBEAAAAMAQAAAHgPGDKg=,aM4PyIA=");
    CHECK(maker.make({picture, true, true, base::Ticks(0)})->track_changed);
    CHECK(maker.track().parameters->height == 720);
  }
}

TEST_CASE("other parameter sets are another generation, the same ones are not", "[webrtc]") {
  FrameMaker maker = maker_of(Codec::h264);
  const ByteVector first = nal(sps) + nal(pps) + nal("65b8"),
                   other = nal("6742c01fda014016ec0440000003004000001e03c60ca8") + nal(pps) + nal("65b8");
  CHECK(maker.make({first, true, true, base::Ticks(0)})->frame.generation == 3);
  CHECK(maker.make({first, true, true, base::Ticks(1)})->frame.generation == 3);
  const auto made = maker.make({other, true, true, base::Ticks(2)});
  CHECK(made->track_changed);
  CHECK(made->frame.generation == 4);
  const auto record = codec::avc::parse_configuration(maker.track().parameters->extradata);
  REQUIRE(record.has_value());
  CHECK(record->sps.size() == 1);
  CHECK(record->pps.size() == 1);
  CHECK_FALSE(maker.make({nal("41aa"), false, true, base::Ticks(3)})->track_changed);
}

TEST_CASE("sets by the thousand are bounded", "[webrtc]") {
  FrameMaker maker = maker_of(Codec::h264);
  ByteVector unit = nal(sps);
  for (int i = 0; i < 1000; ++i) unit = unit + nal("68ce0fc8" + test::hex(ByteVector{static_cast<std::uint8_t>(i)}));
  (void)maker.make({unit + nal("65b8"), true, true, base::Ticks(0)});
  CHECK(maker.track().parameters->extradata.size() < 600);
}

TEST_CASE("Opus has as many channels as it says, and stays stereo", "[webrtc]") {
  FrameMaker maker = maker_of(Codec::opus);
  CHECK(maker.make({bytes("f8ff"), true, true, base::Ticks(0)})->track_changed);
  CHECK(maker.track().parameters->channels == 1);
  CHECK(maker.make({bytes("fcff"), true, true, base::Ticks(1)})->track_changed);
  CHECK(maker.track().parameters->channels == 2);
  CHECK_FALSE(maker.make({bytes("f8ff"), true, true, base::Ticks(2)})->track_changed);
  FrameMaker told = maker_of(Codec::opus, "minptime=10;sprop-stereo=1");
  CHECK(told.make({bytes("f8ff"), true, true, base::Ticks(0)})->track_changed);
  CHECK(told.track().parameters->channels == 2);
}

TEST_CASE("VP8 begins with a key frame, which says its size", "[webrtc]") {
  FrameMaker maker = maker_of(Codec::vp8);
  CHECK_FALSE(maker.make({bytes("310100"), false, true, base::Ticks(0)}).has_value());
  // RFC 6386 9.1: key frame, start code, 320x240
  const auto made = maker.make({bytes("100200 9d012a 4001 f000 00"), true, true, base::Ticks(0)});
  REQUIRE(made.has_value());
  CHECK(maker.track().parameters->width == 320);
  CHECK(maker.track().parameters->height == 240);
  CHECK(maker.make({bytes("310100"), false, true, base::Ticks(3000)}).has_value());
}

TEST_CASE("what begins anew waits for its key frame, with the same track", "[webrtc]") {
  FrameMaker maker = maker_of(Codec::h264);
  const ByteVector key = nal(sps) + nal(pps) + nal("65b8");
  CHECK(maker.make({key, true, true, base::Ticks(0)}).has_value());
  maker.begin_anew();
  CHECK_FALSE(maker.make({nal("41aa"), false, true, base::Ticks(1)}).has_value());
  CHECK_FALSE(maker.make({key, true, true, base::Ticks(2)})->track_changed);
}

}  // namespace weir::test::frame_maker_test
