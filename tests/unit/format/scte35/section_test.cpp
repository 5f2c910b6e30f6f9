#include "format/scte35/section.h"

#include "format/flv/script_data.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::scte35_section_test {

using scte35::Section;

namespace {

// SCTE 35 2019, 14.1: time_signal, a placement opportunity of 0x1a599b0 begins; 14.2: splice_insert, out, auto return.
const std::string time_signal =
    "fc 3034 00 0000000000 ff fff005 06 fe72bd0050 001e 021c 43554549 4800008e 7fcf 0001a599b0 08 08 "
    "000000002ca0a18a "
    "34 02 00 9ac9d17e";
const std::string splice_insert =
    "fc 302f 00 0000000000 ff fff014 05 4800008f 7fef fe7369c02e fe0052ccf5 0000 00 00 000a 0008 43554549 00000135 "
    "62dba30a";
const std::string splice_insert_64 = "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=";

base::Buffer message(const char* name, amf0::Value value) {
  return flv::write_script_data({.name = name, .value = std::move(value)});
}

}  // namespace

TEST_CASE("the examples of SCTE 35 say what they say", "[scte35]") {
  const auto signal = scte35::parse(bytes(time_signal));
  REQUIRE(signal);
  CHECK(signal->kind == Section::Kind::out);
  CHECK(signal->event == 0x4800008e);
  CHECK(signal->pts == 0x072bd0050);
  CHECK(signal->duration == base::Ticks(0x1a599b0));
  CHECK(signal->crc == 0x9ac9d17e);
  const auto insert = scte35::parse(bytes(splice_insert));
  REQUIRE(insert);
  CHECK(insert->kind == Section::Kind::out);
  CHECK(insert->event == 0x4800008f);
  CHECK(insert->pts == 0x07369c02e);
  CHECK(insert->duration == base::Ticks(0x52ccf5));
  CHECK(scte35::hex(bytes("fc 30 2f")) == "0xFC302F");
}

TEST_CASE("a section cut or changed anywhere is none", "[scte35]") {
  for (const std::string& text : {time_signal, splice_insert}) {
    const auto whole = bytes(text);
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(scte35::parse(base::Bytes(whole).first(size)));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      auto changed = whole;
      changed[at] ^= 0x10;
      CHECK_FALSE(scte35::parse(changed));
    }
  }
}

TEST_CASE("a section that is moved has its splice there, and nothing else is changed", "[scte35]") {
  const auto whole = bytes(splice_insert);
  const auto before = scte35::parse(whole);
  for (const std::uint64_t to : {std::uint64_t{5}, std::uint64_t{0x1ffffffff}, *before->pts}) {
    const base::Buffer moved = scte35::moved(whole, *before->pts, to);
    const auto after = scte35::parse(moved);
    REQUIRE(after);
    CHECK(after->pts == to);
    CHECK(after->event == before->event);
    CHECK(after->duration == before->duration);
    CHECK(moved.size() == whole.size());
  }
}

TEST_CASE("sections of ours are sections", "[scte35]") {
  for (const bool out : {true, false}) {
    const auto made = scte35::parse(scte35::insert(7, out, std::chrono::seconds(30)));
    REQUIRE(made);
    CHECK(made->kind == (out ? Section::Kind::out : Section::Kind::in));
    CHECK(made->event == 7);
    CHECK_FALSE(made->pts);
    CHECK(made->duration == base::Ticks(30 * 90'000));
  }
  CHECK(scte35::parse(scte35::insert(8, false, {})));
}

TEST_CASE("cue points of RTMP are sections where they say one, or what one would", "[scte35]") {
  amf0::Value inner = amf0::Value::object();
  inner.set("data", std::string_view(splice_insert_64));
  amf0::Value cue = amf0::Value::ecma_array();
  cue.set("name", "scte35").set("time", 4.2).set("parameters", inner);
  const base::Buffer found = scte35::of_message(message("onCuePoint", cue));
  CHECK(scte35::hex(found) == scte35::hex(bytes(splice_insert)));
  amf0::Value as_hex = amf0::Value::object();
  as_hex.set("cue", std::string_view(scte35::hex(bytes(time_signal))));
  CHECK(scte35::hex(scte35::of_message(message("onAdCue", as_hex))) == scte35::hex(bytes(time_signal)));

  amf0::Value simple = amf0::Value::object();
  simple.set("type", "SpliceOut").set("id", 12).set("duration", 60);
  const auto out = scte35::parse(scte35::of_message(message("onAdCue", simple)));
  REQUIRE(out);
  CHECK(out->event == 12);
  CHECK(out->duration == base::Ticks(60 * 90'000));
  amf0::Value youtube = amf0::Value::object();
  youtube.set("type", "com.youtube.cuepoint").set("cue_point_start", amf0::Value::boolean(true));
  youtube.set("break_duration_sec", 30).set("splice_event_id", 3);
  CHECK(scte35::parse(scte35::of_message(message("onCuePoint", youtube)))->event == 3);

  amf0::Value plain = amf0::Value::object();
  plain.set("text", "hello, this is a long text that is no section at all");
  CHECK(scte35::of_message(message("onTextData", plain)).empty());
  CHECK(scte35::of_message(message("onMetaData", as_hex)).empty());
}

}  // namespace weir::test::scte35_section_test
