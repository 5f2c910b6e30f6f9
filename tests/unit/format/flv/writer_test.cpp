#include "base/slab.h"
#include "format/flv/body.h"
#include "format/flv/demuxer.h"
#include "format/flv/muxer.h"
#include "format/flv/script_data.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::writer_test {

using base::Millis;
using flv::BodyWriter;
using flv::WireOptions;
using media::Codec;
using test::bytes;
using test::operator+;

namespace {

media::Track track_of(Codec codec, const char* extradata = "", std::uint32_t rate = 0, std::uint8_t channels = 0) {
  media::CodecParameters p;
  p.codec = codec;
  p.extradata = base::SharedBytes::copy_of(bytes(extradata));
  p.sample_rate = rate;
  p.channels = channels;
  const auto kind = media::kind_of(codec);
  return {.id = kind == media::Kind::video   ? media::TrackId::video
                : kind == media::Kind::audio ? media::TrackId::audio
                                             : media::TrackId::data,
          .parameters = std::make_shared<const media::CodecParameters>(p)};
}

media::Frame frame_of(const media::Track& track, std::int64_t ms, std::int64_t composition_ms, bool key,
                      const char* payload) {
  return {.track = track.id,
          .codec = track.parameters->codec,
          .dts = Millis(ms),
          .composition = Millis(composition_ms),
          .key = key,
          .payload = base::SharedBytes::copy_of(bytes(payload))};
}

std::string body(const media::Track& track, const media::Frame& frame, WireOptions options = {}) {
  const BodyWriter writer(track, options);
  base::Buffer out(writer.body_bytes(frame));
  const std::size_t head = writer.write_head({out.data(), out.size()}, frame);
  CHECK(head == writer.head_bytes(frame));
  CHECK(head <= BodyWriter::largest_head);
  std::memcpy(out.data() + head, frame.payload.data(), frame.payload.size());
  return test::hex(out);
}

std::string header(const media::Track& track, WireOptions options = {}) {
  return test::hex(BodyWriter(track, options).sequence_header());
}

}  // namespace

TEST_CASE("bodies of each codec begin as players expect", "[flv]") {
  const auto h264 = track_of(Codec::h264, "0142");
  CHECK(header(h264) == "17000000000142");
  CHECK(body(h264, frame_of(h264, 0, 80, true, "65")) == "170100005065");
  CHECK(body(h264, frame_of(h264, 0, -40, false, "41")) == "2701ffffd841");
  CHECK(test::hex(BodyWriter(h264).sequence_end()) == "1702000000");

  const auto hevc = track_of(Codec::hevc, "0101");
  CHECK(header(hevc) == "90687663310101");
  CHECK(body(hevc, frame_of(hevc, 0, 40, true, "26")) == "916876633100002826");
  CHECK(body(hevc, frame_of(hevc, 0, 0, false, "02")) == "a36876633102");
  CHECK(test::hex(BodyWriter(hevc).sequence_end()) == "9268766331");
  const WireOptions legacy{.legacy_hevc_av1 = true};
  CHECK(header(hevc, legacy) == "1c000000000101");
  CHECK(body(hevc, frame_of(hevc, 0, 40, false, "02"), legacy) == "2c0100002802");

  const auto av1 = track_of(Codec::av1, "81");
  CHECK(header(av1) == "906176303181");
  CHECK(body(av1, frame_of(av1, 0, 0, true, "0a")) == "91617630310a");
  CHECK(body(av1, frame_of(av1, 0, 0, true, "0a"), legacy) == "1d010000000a");

  const auto vp9 = track_of(Codec::vp9);
  CHECK(header(vp9).empty());
  CHECK(body(vp9, frame_of(vp9, 0, 0, false, "86"), legacy) == "a17670303986");  // has no legacy id

  const auto aac = track_of(Codec::aac, "1210", 44100, 2);
  CHECK(header(aac) == "af001210");
  CHECK(body(aac, frame_of(aac, 0, 0, true, "21")) == "af0121");
  CHECK(body(track_of(Codec::mp3, "", 44100, 2), frame_of(aac, 0, 0, true, "ff")) == "2fff");
  CHECK(body(track_of(Codec::mp3, "", 22050, 1), frame_of(aac, 0, 0, true, "ff")) == "2aff");
  CHECK(body(track_of(Codec::mp3, "", 48000, 2), frame_of(aac, 0, 0, true, "ff")) == "2fff");
  CHECK(body(track_of(Codec::pcma, "", 8000, 1), frame_of(aac, 0, 0, true, "d5")) == "72d5");
  CHECK(body(track_of(Codec::pcmu, "", 8000, 1), frame_of(aac, 0, 0, true, "ff")) == "82ff");
  CHECK(body(track_of(Codec::speex, "", 16000, 1), frame_of(aac, 0, 0, true, "00")) == "b200");
  const auto opus = track_of(Codec::opus, "4f70", 48000, 2);
  CHECK(header(opus) == "904f7075734f70");
  CHECK(body(opus, frame_of(opus, 0, 0, true, "fc")) == "914f707573fc");
  CHECK(body(track_of(Codec::ac3), frame_of(opus, 0, 0, true, "0b")) == "9161632d330b");

  const auto script = track_of(Codec::script_data, "02");
  CHECK(header(script) == "02");
  CHECK(body(script, frame_of(script, 0, 0, false, "0200")) == "0200");
}

TEST_CASE("a track in a multitrack message is read back with its index", "[flv]") {
  const WireOptions options{.multitrack_index = 2};
  const auto h264 = track_of(Codec::h264, "0142");
  CHECK(header(h264, options) ==
        "9600"
        "61766331"
        "02"
        "0142");
  const auto text = body(h264, frame_of(h264, 0, 40, true, "65"), options);
  CHECK(text ==
        "9601"
        "61766331"
        "02"
        "000028"
        "65");
  flv::Parts parts;
  REQUIRE(flv::parse_video(bytes(text), parts).has_value());
  CHECK(parts[0].track == 2);
  CHECK(parts[0].composition == Millis(40));
  const auto aac = track_of(Codec::aac, "1210", 44100, 2);
  CHECK(body(aac, frame_of(aac, 0, 0, true, "21"), options) ==
        "9501"
        "6d703461"
        "02"
        "21");
}

TEST_CASE("time is rounded once: pts does not wander", "[flv]") {
  const auto h264 = track_of(Codec::h264, "0142");
  media::Frame frame = frame_of(h264, 0, 0, true, "65");
  frame.dts = base::Ticks(89);         // 0.99 ms
  frame.composition = base::Ticks(1);  // pts 1 ms
  CHECK(body(h264, frame) == "170100000165");
}

TEST_CASE("a tag has its size before and behind, and its time in four bytes", "[flv]") {
  const auto aac = track_of(Codec::aac, "1210", 44100, 2);
  base::Slab slab;
  const BodyWriter writer(aac);
  const auto frame = frame_of(aac, 0x12345678, 0, true, "2122");
  const auto room = slab.reserve(flv::tag_bytes(writer, frame));
  const auto wire = slab.commit(flv::write_tag(room, writer, frame));
  //                          type size   time   high stream body     back pointer
  CHECK(test::hex(wire) ==
        "08"
        "000004"
        "345678"
        "12"
        "000000"
        "af012122"
        "0000000f");
  base::Buffer appended;
  flv::append_tag(appended, flv::TagType::audio, Millis(0x12345678), bytes("af012122"));
  CHECK(test::hex(appended) == test::hex(wire));
}

TEST_CASE("time beyond 32 bits wraps on the wire", "[flv]") {
  const auto aac = track_of(Codec::aac, "1210", 44100, 2);
  base::Buffer out;
  flv::append_tag(out, flv::TagType::audio, Millis((std::int64_t{1} << 32) + 5), bytes("af01"));
  CHECK(flv::parse_tag_header(out)->timestamp_ms == 5);
}

TEST_CASE("a newcomer gets the metadata, then the sequence headers", "[flv]") {
  const media::Tracks tracks{track_of(Codec::h264, "0142"), track_of(Codec::aac, "1210", 44100, 2),
                             track_of(Codec::script_data, "02000161")};
  std::uint8_t prologue[flv::prologue_bytes];
  flv::write_prologue(prologue, flv::file_header_of(tracks));
  CHECK(test::hex(prologue) ==
        "464c5601"
        "05"
        "00000009"
        "00000000");
  const auto tags = flv::track_tags(tracks, Millis(7));
  flv::Demuxer demuxer({.check_back_pointers = true});
  REQUIRE(demuxer.input(prologue).has_value());
  REQUIRE(demuxer.input(tags).has_value());
  CHECK(demuxer.file_header()->has_audio);
  CHECK(demuxer.at_boundary());
  std::string types;
  while (const auto tag = demuxer.poll()) {
    types += std::to_string(static_cast<int>(tag->type)) + " ";
    CHECK(tag->timestamp_ms == 7);
  }
  CHECK(types == "18 9 8 ");
}

TEST_CASE("metadata is built of the tracks", "[flv]") {
  auto video = track_of(Codec::hevc);
  auto parameters = *video.parameters;
  parameters.width = 1920;
  parameters.height = 1080;
  parameters.frame_rate = 50;
  video.parameters = std::make_shared<const media::CodecParameters>(parameters);
  const auto metadata = flv::metadata_of({video, track_of(Codec::aac, "1210", 44100, 2)});
  CHECK(metadata.number_at("width") == 1920);
  CHECK(metadata.number_at("height") == 1080);
  CHECK(metadata.number_at("framerate") == 50);
  CHECK(metadata.number_at("videocodecid") == 0x68766331);  // 'hvc1'
  CHECK(metadata.number_at("audiocodecid") == 10);
  CHECK(metadata.number_at("audiosamplerate") == 44100);
  CHECK(metadata.find("stereo")->as_boolean());
  const auto wire = flv::write_script_data({.name = "onMetaData", .value = metadata});
  CHECK(flv::script_data_name(wire) == "onMetaData");
  CHECK(flv::parse_script_data(wire)->value == metadata);
}

TEST_CASE("script data is read with and without its RTMP envelope", "[flv]") {
  const auto data = flv::parse_script_data(bytes("02 000d 40736574446174614672616d65 02 000a 6f6e4d65746144617461 05"));
  REQUIRE(data.has_value());
  CHECK(data->name == "onMetaData");
  CHECK(data->value.type() == amf0::Type::null);
  CHECK(flv::parse_script_data(bytes("02 0001 61"))->value.type() == amf0::Type::undefined);
  CHECK(flv::parse_script_data(bytes("05")).has_error());
  CHECK(flv::parse_script_data({}).has_error());
  CHECK(flv::script_data_name(bytes("02 0005 61")).empty());
  CHECK(flv::script_data_name({}).empty());
}

}  // namespace weir::test::writer_test
