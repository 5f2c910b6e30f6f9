#include "format/flv/mend.h"

#include "codec/aac.h"
#include "format/flv/ingest.h"
#include "media/describe.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::mend_test {

using flv::Errc;
using flv::TagType;
using media::Codec;
using test::bytes;

namespace {

const std::string sps = "6742c020da014016ec0440000003004000001e03c60ca8", pps = "68ce0fc880";
const std::string avc_header = "17 00 000000 0142c020 ff e1 0018 " + sps + " 01 0005 " + pps;

struct Machine {
  flv::Ingest ingest;
  flv::Yield yield;

  base::ErrorCode input(TagType type, std::int64_t ms, const std::string& hex) {
    const auto result = ingest.input(type, base::Millis(ms), base::SharedBytes::copy_of(bytes(hex.c_str())), yield);
    return result ? base::ErrorCode() : result.error();
  }
  // The payloads of the frames that the message gave, one behind the other.
  std::string video(std::int64_t ms, const std::string& hex) {
    CHECK_FALSE(input(TagType::video, ms, hex));
    return payloads();
  }
  std::string audio(std::int64_t ms, const std::string& hex) {
    CHECK_FALSE(input(TagType::audio, ms, hex));
    return payloads();
  }
  std::string payloads() const {
    std::string out;
    for (const auto& frame : yield.frames) out += (out.empty() ? "" : "|") + test::hex(frame.payload);
    return out;
  }
  bool key() const { return yield.frames.at(0).key; }
};

}  // namespace

TEST_CASE("start codes in place of lengths become lengths", "[mend]") {
  Machine m;
  m.video(0, avc_header);
  CHECK(m.video(0, "17 01 000000 00000001 65b84040 000001 65b84041") == "0000000465b840400000000465b84041");
  CHECK(m.key());
  CHECK(m.video(40, "27 01 000000 000001 419a2230") == "00000004419a2230");
  CHECK_FALSE(m.key());
  // lengths that happen to look like one are lengths
  CHECK(m.video(80, "27 01 000000 00000001 41") == "0000000141");
}

TEST_CASE("units of no bytes and zeros behind the last are taken out, clean frames are not copied", "[mend]") {
  Machine m;
  m.video(0, avc_header);
  CHECK(m.video(0, "17 01 000000 00000000 00000004 65b84040 00000000") == "0000000465b84040");
  CHECK(m.video(40, "27 01 000000 00000004 419a2230 0000") == "00000004419a2230");
  const auto clean = base::SharedBytes::copy_of(bytes("00000004 65b84040"));
  CHECK(flv::mend_units(clean, 4).data() == clean.data());
  const auto damaged = base::SharedBytes::copy_of(bytes("00000009 65b84040"));
  CHECK(flv::mend_units(damaged, 4).data() == damaged.data());
  const auto nothing = base::SharedBytes::copy_of(bytes("00000000"));
  CHECK(flv::mend_units(nothing, 4).data() == nothing.data());
}

TEST_CASE("parameter sets with start codes are a sequence header, in its place or in the frames", "[mend]") {
  const std::string sets = "00000001" + sps + "00000001" + pps;
  Machine header;
  header.video(0, "17 00 000000 " + sets);
  CHECK(header.ingest.tracks().at(0).parameters->width == 1280);

  Machine frames;
  CHECK(frames.video(0, "27 01 000000 00000001 419a2230").empty());
  CHECK(frames.yield.left_out == Errc::no_sequence_header);
  CHECK_FALSE(frames.video(40, "17 01 000000 " + sets + "00000001 65b84040").empty());
  CHECK(frames.yield.tracks_changed);
  CHECK(frames.ingest.tracks().at(0).parameters->width == 1280);
  frames.video(80, "17 01 000000 " + sets + "00000001 65b84040");
  CHECK_FALSE(frames.yield.tracks_changed);
  // a real header wins
  frames.video(120, avc_header);
  CHECK(frames.ingest.tracks().at(0).parameters->width == 1280);
}

TEST_CASE("the bitstream tells which frames are keys, not the encoder", "[mend]") {
  Machine m;
  m.video(0, avc_header);
  m.video(0, "27 01 000000 00000004 65b84040");
  CHECK(m.key());  // an IDR picture without its flag
  m.video(40, "17 01 000000 00000004 419a2230");
  CHECK_FALSE(m.key());  // a predicted one with it
  m.video(80, "17 01 000000 00000004 41b84040");
  CHECK(m.key());  // intra, flagged: broadcasts without IDR pictures begin there
  m.video(120, "17 01 000000 00000004 06060180 00000004 419a2230");
  CHECK(m.key());  // a recovery point
  m.video(160, "17 01 000000 00000002 0910");
  CHECK(m.key());  // no picture at all: nothing is known better

  Machine hevc;
  hevc.video(0, "90 68766331 0101");
  hevc.video(0, "a3 68766331 00000003 260180");
  CHECK(hevc.key());
  hevc.video(40, "93 68766331 00000003 020180");
  CHECK_FALSE(hevc.key());
}

TEST_CASE("ADTS inside FLV is taken off, and says what a header would have said", "[mend]") {
  // 44100 Hz stereo: seven bytes of header, two of payload; then the same twice
  const std::string one = "fff15080013ffc 2110";
  Machine m;
  CHECK(m.audio(0, "af 01 " + one) == "2110");
  CHECK(m.ingest.tracks().at(0).parameters->sample_rate == 44100);
  CHECK(m.ingest.tracks().at(0).parameters->channels == 2);
  CHECK(m.audio(100, "af 01 " + one + one) == "2110|2110");
  CHECK(base::to_millis(m.yield.frames.at(1).dts - m.yield.frames.at(0).dts) == 23);
  CHECK_FALSE(m.yield.tracks_changed);

  Machine header;  // in the place of the configuration
  header.audio(0, "af 00 fff15080011ffc");
  CHECK(header.ingest.tracks().at(0).parameters->sample_rate == 44100);
  CHECK(header.audio(0, "af 01 2110") == "2110");

  Machine raw;
  CHECK(raw.audio(0, "af 01 2110").empty());
  CHECK(raw.yield.left_out == Errc::no_sequence_header);
}

TEST_CASE("a program config element goes from the configuration into ADTS and back", "[mend]") {
  // AAC LC, 48 kHz, channel configuration 0, front pair and LFE, as FFmpeg writes 2.1
  const auto configuration = bytes("1180 04c4 0100 2000 0d4c 6176 6335 392e 3337 2e31 3030 56e5 00");
  const auto parsed = codec::aac::parse_configuration(configuration);
  if (parsed) {
    const base::Buffer element = codec::aac::program_element(configuration);
    REQUIRE_FALSE(element.empty());
    CHECK(codec::aac::begins_with_program_element(element));
    base::Buffer frame(7);
    auto told = *parsed;
    REQUIRE(codec::aac::write_adts_header({frame.data(), 7}, told, element.size() + 2));
    frame.append(element);
    frame.append(bytes("2110"));
    const base::Buffer again = codec::aac::configuration_of_adts(frame);
    const auto back = codec::aac::parse_configuration(again);
    REQUIRE(back.has_value());
    CHECK(back->channels == parsed->channels);
    CHECK(back->sample_rate == parsed->sample_rate);
    CHECK(test::hex(codec::aac::program_element(again)) == test::hex(element));
  }
  CHECK(parsed.has_value());
  CHECK(codec::aac::program_element(bytes("1190")).empty());
}

}  // namespace weir::test::mend_test
