#include "format/flv/ingest.h"

#include <algorithm>

#include "codec/error.h"
#include "codec/light.h"
#include "format/flv/script_data.h"
#include "format/mp4/sample_entry.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::ingest_test {

using flv::Errc;
using flv::TagType;
using media::Codec;
using media::TrackId;
using test::bytes;

namespace {

const char* const avc_header =
    "17 00 000000 0142c020 ff e1 0018 6742c020da014016ec0440000003004000001e03c60ca8 01 0005 68ce0fc880";

struct Machine {
  flv::Ingest ingest;
  flv::Yield yield;

  base::ErrorCode input(TagType type, std::int64_t ms, const char* hex) {
    const auto result = ingest.input(type, base::Millis(ms), base::SharedBytes::copy_of(bytes(hex)), yield);
    return result ? base::ErrorCode() : result.error();
  }
  base::ErrorCode video(std::int64_t ms, const char* hex) { return input(TagType::video, ms, hex); }
  base::ErrorCode audio(std::int64_t ms, const char* hex) { return input(TagType::audio, ms, hex); }
  const media::Track& track(std::size_t i) { return ingest.tracks().at(i); }
};

std::string script(const char* name, amf0::Value value) {
  return test::hex(flv::write_script_data({.name = name, .value = std::move(value)}));
}

}  // namespace

TEST_CASE("frames wait for the sequence header and are counted", "[ingest]") {
  Machine m;
  CHECK_FALSE(m.video(0, "17 01 000000 0000000165"));
  CHECK(m.yield.frames.empty());
  CHECK_FALSE(m.audio(0, "af 01 21"));
  CHECK(m.ingest.counts().before_header == 2);
  CHECK(m.ingest.tracks().empty());

  CHECK_FALSE(m.video(40, avc_header));
  CHECK(m.yield.tracks_changed);
  CHECK(m.track(0).parameters->width == 1280);
  CHECK_FALSE(m.video(40, "17 01 000028 0000000165"));
  REQUIRE(m.yield.frames.size() == 1);
  CHECK_FALSE(m.yield.tracks_changed);
  const auto& frame = m.yield.frames[0];
  CHECK(frame.key);
  CHECK(frame.codec == Codec::h264);
  CHECK(frame.track == TrackId::video);
  CHECK(frame.dts == base::Millis(40));  // the publisher's
  CHECK(frame.composition == base::Millis(40));
  CHECK(test::hex(frame.payload) == "0000000165");
}

TEST_CASE("a repeated sequence header is nothing, a changed one a new generation", "[ingest]") {
  Machine m;
  CHECK_FALSE(m.audio(0, "af 00 1210"));
  CHECK(m.track(0).generation == 0);
  CHECK_FALSE(m.audio(0, "af 00 1210"));
  CHECK_FALSE(m.yield.tracks_changed);
  CHECK_FALSE(m.audio(0, "af 00 1190"));
  CHECK(m.yield.tracks_changed);
  CHECK(m.track(0).generation == 1);
  CHECK(m.track(0).parameters->sample_rate == 48000);
  CHECK_FALSE(m.audio(20, "af 01 21"));
  CHECK(m.yield.frames.at(0).generation == 1);
}

TEST_CASE("a sequence header of garbage is carried with unknown parameters", "[ingest]") {
  Machine m;
  CHECK_FALSE(m.video(0, "17 00 000000 0142c020 fd e1 0004 67ffffff 01 0002 68ce"));
  CHECK(m.yield.tracks_changed);
  CHECK(m.yield.unknown_parameters == codec::Errc::truncated);
  CHECK(m.track(0).parameters->width == 0);
  CHECK(m.track(0).parameters->nal_length_bytes == 2);
  CHECK_FALSE(m.video(0, "17 01 000000 000165"));
  CHECK(m.yield.frames.size() == 1);
  CHECK(m.video(0, "17 00 000000") == Errc::empty_sequence_header);
  CHECK(m.ingest.counts().malformed == 1);
}

TEST_CASE("the codec of a track may change with a sequence header", "[ingest]") {
  Machine m;
  m.video(0, avc_header);
  CHECK_FALSE(m.video(0, "90 68766331 0101"));
  CHECK(m.track(0).parameters->codec == Codec::hevc);
  CHECK(m.track(0).generation == 1);
  CHECK_FALSE(m.video(40, "17 01 000000 0000000165"));  // of the codec before
  CHECK(m.yield.frames.empty());
  CHECK(m.ingest.counts().before_header == 1);
  CHECK_FALSE(m.video(40, "93 68766331 0000000126"));
  CHECK(m.yield.frames.size() == 1);
}

TEST_CASE("codecs that describe themselves need no sequence header", "[ingest]") {
  Machine m;
  CHECK_FALSE(m.audio(0, "2f fffb9064 00"));
  CHECK(m.yield.tracks_changed);
  REQUIRE(m.yield.frames.size() == 1);
  CHECK(m.track(0).parameters->codec == Codec::mp3);
  CHECK(m.track(0).parameters->sample_rate == 44100);
  CHECK_FALSE(m.audio(26, "2f fffb9064 00"));
  CHECK_FALSE(m.yield.tracks_changed);
  CHECK_FALSE(m.audio(52, "2f fffb9464 00"));  // 48 kHz from here
  CHECK(m.yield.tracks_changed);
  CHECK(m.track(0).generation == 1);
  CHECK_FALSE(m.audio(76, "2f 00000000"));  // a damaged frame of a known track goes on
  CHECK(m.yield.frames.size() == 1);

  Machine g711;
  CHECK_FALSE(g711.audio(0, "73 d5d5"));
  CHECK(g711.track(0).parameters->channels == 2);
  CHECK(g711.track(0).parameters->sample_rate == 8000);

  Machine damaged;
  CHECK(damaged.audio(0, "2f 00000000") == codec::Errc::bad_sync);
  CHECK(damaged.ingest.tracks().empty());
}

TEST_CASE("VP9 waits for a key frame and takes its size", "[ingest]") {
  Machine m;
  CHECK_FALSE(m.video(0, "a1 76703039 86000000"));
  CHECK(m.ingest.counts().before_header == 1);
  CHECK_FALSE(m.video(0, "90 76703039 000b82020202 0000"));
  CHECK(m.track(0).parameters->level == "1.1");
  CHECK_FALSE(m.video(0, "91 76703039 824983420013f00b360438241c184a00"));
  CHECK(m.track(0).parameters->width == 320);
  CHECK(m.track(0).parameters->extradata.size() == 8);
  CHECK(m.yield.frames.at(0).key);
  CHECK_FALSE(m.video(40, "91 76703039 824983420013f00b360438241c184a00"));
  CHECK_FALSE(m.yield.tracks_changed);
}

TEST_CASE("an AV1 temporal delimiter is taken off", "[ingest]") {
  Machine m;
  m.video(0, "90 61763031 81000c00 0a0b000000043cfeccfff98040");
  CHECK(m.track(0).parameters->width == 320);
  CHECK_FALSE(m.video(0, "91 61763031 1200 320414001234"));
  CHECK(test::hex(m.yield.frames.at(0).payload) == "320414001234");
}

TEST_CASE("a multitrack publisher gets a track for each index", "[ingest]") {
  Machine m;
  CHECK_FALSE(m.audio(0, "95 00 6d703461 00 1210"));
  CHECK_FALSE(m.audio(0, "95 00 6d703461 01 1190"));
  CHECK_FALSE(m.audio(0, "95 11 6d703461 00 000001 21 01 000002 2122"));
  REQUIRE(m.yield.frames.size() == 2);
  CHECK(m.yield.frames[0].track == TrackId::audio);
  CHECK(m.yield.frames[1].track == TrackId::further);
  CHECK(m.ingest.tracks().size() == 2);
  base::ErrorCode fault;
  for (int i = 2; i < 40 && !fault; ++i) {
    const auto body = "95 00 6d703461 " + test::hex(test::ByteVector{static_cast<std::uint8_t>(i)}) + " 1210";
    fault = m.audio(0, body.c_str());
  }
  CHECK(fault == Errc::too_many_tracks);
}

TEST_CASE("a colour packet of HEVC is a part of its configuration, before its header or behind it", "[ingest]") {
  const bool before = GENERATE(true, false);
  amf0::Value mastering = amf0::Value::object(), level = amf0::Value::object(), told = amf0::Value::object();
  mastering.set("redX", 0.68).set("redY", 0.32).set("greenX", 0.265).set("greenY", 0.69).set("blueX", 0.15);
  mastering.set("blueY", 0.06).set("whitePointX", 0.3127).set("whitePointY", 0.329);
  mastering.set("maxLuminance", 1000).set("minLuminance", 0.0001);
  level.set("maxCLL", 1000).set("maxFall", 400);
  told.set("hdrMdcv", mastering).set("hdrCll", level);
  // isExHeader, frame type 1, packet type 4 (metadata), "hvc1"; then packet type 0, the sequence header
  const std::string colour = "94 68766331" + script("colorInfo", told);
  const std::string header =
      "90 68766331 01 02 20000000 b00000000000 5d f000 fc fd fa fa 0000 0f 01 a1 0001 0004 42010102";
  Machine m;
  CHECK_FALSE(m.video(0, (before ? colour : header).c_str()));
  CHECK_FALSE(m.video(0, (before ? header : colour).c_str()));
  CHECK(m.yield.tracks_changed);
  const codec::Light light = codec::light_of_hevc_record(m.track(0).parameters->extradata);
  REQUIRE(light.mastering);
  CHECK(light.mastering->chromaticity[0] == 13'250);
  CHECK(light.mastering->chromaticity[4] == 34'000);
  CHECK(light.mastering->most == 10'000'000);
  CHECK(light.mastering->least == 1);
  REQUIRE(light.level);
  CHECK(light.level->most == 1000);
  CHECK(light.level->most_average == 400);
  const auto generation = m.track(0).generation;
  CHECK_FALSE(m.video(0, colour.c_str()));  // said again
  CHECK_FALSE(m.video(0, header.c_str()));
  CHECK_FALSE(m.yield.tracks_changed);
  CHECK(m.track(0).generation == generation);
  CHECK(m.video(0, "94 68766331 05"));
}

TEST_CASE("colours that a packet tells stand in the sample entry, where the bitstream says none", "[ingest]") {
  amf0::Value colours = amf0::Value::object(), level = amf0::Value::object(), told = amf0::Value::object();
  colours.set("bitDepth", 10).set("colorPrimaries", 9).set("transferCharacteristics", 16).set("matrixCoefficients", 9);
  level.set("maxCLL", 1000).set("maxFall", 400);
  told.set("colorConfig", colours).set("hdrCll", level);
  const auto has = [](const base::Buffer& entry, std::string_view box) {
    const auto wanted = test::bytes(box);
    const base::Bytes all = entry;
    return std::search(all.begin(), all.end(), wanted.begin(), wanted.end()) != all.end();
  };
  const std::string_view colr = "636f6c72 6e636c78 0009 0010 0009 00", clli = "636c6c69 03e8 0190";
  Machine avc;  // Baseline without VUI, by the ordinary header
  CHECK_FALSE(avc.video(0, "17 00 000000 01 42001e ff e1 0004 6742001e 01 0004 68ce3c80"));
  CHECK_FALSE(has(*mp4::write_sample_entry(*avc.track(0).parameters), "636f6c72"));
  CHECK_FALSE(avc.video(0, ("94 61766331" + script("colorInfo", told)).c_str()));
  CHECK(avc.yield.tracks_changed);
  CHECK(has(*mp4::write_sample_entry(*avc.track(0).parameters), colr));
  CHECK(has(*mp4::write_sample_entry(*avc.track(0).parameters), clli));
  // vpcC: version 1 and flags, profile 2, level 3.1, 10 bits of 4:2:0, colours not specified
  Machine vp9;
  CHECK_FALSE(vp9.video(0, "90 76703039 01000000 02 1f a2 02 02 02 0000"));
  CHECK_FALSE(has(*mp4::write_sample_entry(*vp9.track(0).parameters), "636f6c72"));
  CHECK_FALSE(vp9.video(0, ("94 76703039" + script("colorInfo", told)).c_str()));
  CHECK(has(*mp4::write_sample_entry(*vp9.track(0).parameters), colr));
  CHECK(has(*mp4::write_sample_entry(*vp9.track(0).parameters), clli));
  CHECK(has(*mp4::write_sample_entry(*vp9.track(0).parameters), "76706343 01000000 02 1f a2 09 10 09"));
  // Its record has the last word: BT.709
  Machine own;
  CHECK_FALSE(own.video(0, ("94 76703039" + script("colorInfo", told)).c_str()));
  CHECK_FALSE(own.video(0, "90 76703039 01000000 00 1f 82 01 01 01 0000"));
  CHECK(has(*mp4::write_sample_entry(*own.track(0).parameters), "636f6c72 6e636c78 0001 0001 0001 00"));
}

TEST_CASE("metadata becomes the data track without its duration", "[ingest]") {
  Machine m;
  auto metadata = amf0::Value::ecma_array().set("duration", 60).set("width", 1280).set("encoder", "obs");
  const auto plain = script("onMetaData", metadata);
  CHECK_FALSE(m.input(TagType::script, 0, plain.c_str()));
  CHECK(m.yield.tracks_changed);
  CHECK(m.yield.frames.empty());
  const auto kept = flv::parse_script_data(m.track(0).parameters->extradata);
  CHECK(kept->value.find("duration") == nullptr);
  CHECK(kept->value.text_at("encoder") == "obs");
  // the same by way of RTMP is no change
  const auto enveloped = "02000d40736574446174614672616d65" + plain;
  CHECK_FALSE(m.input(TagType::script, 0, enveloped.c_str()));
  CHECK_FALSE(m.yield.tracks_changed);
  metadata.set("width", 640);
  CHECK_FALSE(m.input(TagType::script, 0, script("onMetaData", metadata).c_str()));
  CHECK(m.track(0).generation == 1);
}

TEST_CASE("other data messages are frames, and those of the connection are not", "[ingest]") {
  Machine m;
  const auto text = script("onTextData", amf0::Value::object().set("text", "hello"));
  CHECK_FALSE(m.input(TagType::script, 10, ("02000d40736574446174614672616d65" + text).c_str()));
  REQUIRE(m.yield.frames.size() == 1);
  CHECK(m.yield.frames[0].track == TrackId::data);
  CHECK(test::hex(m.yield.frames[0].payload) == text);
  CHECK_FALSE(m.input(TagType::script, 10, script("|RtmpSampleAccess", amf0::Value::null()).c_str()));
  CHECK(m.yield.frames.empty());
  CHECK(m.ingest.counts().ignored == 1);
  CHECK(m.input(TagType::script, 10, "05") == Errc::bad_script_data);
  CHECK(m.input(TagType::script, 10, "") == Errc::bad_script_data);
  CHECK(m.input(TagType::script, 10, "02 000a 6f6e4d65746144617461 03 ffff") == Errc::bad_script_data);
}

TEST_CASE("bad messages are dropped and counted, and the stream goes on", "[ingest]") {
  Machine m;
  m.video(0, avc_header);
  CHECK(m.video(0, "") == Errc::empty_body);
  CHECK(m.video(0, "12 00") == Errc::unsupported_codec);
  CHECK(m.audio(0, "6e 00") == Errc::unsupported_codec);
  CHECK(m.video(0, "17 01 00") == Errc::truncated);
  CHECK(m.ingest.counts().unsupported == 2);
  CHECK(m.ingest.counts().malformed == 2);
  CHECK_FALSE(m.video(0, "57 01"));
  CHECK_FALSE(m.video(0, "17 02 000000"));
  CHECK_FALSE(m.video(0, "17 01 000000"));  // no bytes
  CHECK(m.ingest.counts().ignored == 3);
  CHECK_FALSE(m.video(0, "27 01 000000 0000000141"));
  CHECK(m.yield.frames.size() == 1);
}

TEST_CASE("a frame too large to be written again is refused", "[ingest]") {
  Machine m;
  m.audio(0, "af 00 1210");
  test::ByteVector body(flv::Ingest::largest_frame_bytes + 3, 0x21);
  body[0] = 0xaf;
  body[1] = 1;
  const auto shared = base::SharedBytes::copy_of(body);
  CHECK(m.ingest.input(TagType::audio, base::Millis(0), shared, m.yield).error() == Errc::tag_too_large);
  CHECK(m.ingest.input(TagType::audio, base::Millis(0), shared.slice(0, body.size() - 1), m.yield).has_value());
}

}  // namespace weir::test::ingest_test
