#include "base/byte_writer.h"
#include "format/scte35/section.h"
#include "format/ts/psi.h"
#include "support/bytes.h"
#include "unit/session/hls/output_rig.h"

namespace weir::test::cues_test {

using namespace std::chrono_literals;
using Rig = test::OutputRig;
using test::vhost_of;

namespace {

void cue(Rig& rig, std::int64_t at_ms, std::uint32_t event, bool out, std::optional<base::Ticks> duration = {}) {
  const auto section = base::SharedBytes::copy_of(scte35::insert(event, out, duration));
  rig.segmenter->on_cue(base::Millis(at_ms), *scte35::parse(section), section);
}

std::vector<std::string> ranges(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = text.find("#EXT-X-DATERANGE:"); at != std::string::npos;
       at = text.find("#EXT-X-DATERANGE:", at + 1)) {
    out.push_back(text.substr(at, text.find('\n', at) - at));
  }
  return out;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a break is a date range of the playlist, its end one of the same id", "[hls][scte35]") {
  for (const bool low_latency : {false, true}) {
    INFO(low_latency);
    config::Vhost vhost = vhost_of(2s, low_latency);
    vhost.hls.window = 60s;
    Rig rig(vhost);
    rig.run(0, 5'000);
    cue(rig, 9'000, 7, true, base::Ticks(4s));
    cue(rig, 9'000, 7, true, base::Ticks(4s));  // encoders say it again
    rig.feed({.from_ms = 5'000, .to_ms = 8'500, .keys_from_ms = 4'000});
    REQUIRE(ranges(rig.texts.back()).size() == 1);
    const std::string out = ranges(rig.texts.back()).front();
    INFO(out);
    CHECK(has(out, ",PLANNED-DURATION=4.000,SCTE35-OUT=0xFC30"));
    const std::string id = out.substr(out.find("ID=\""), out.find(",START") - out.find("ID=\""));
    CHECK(id.find("ID=\"7-17000000") == 0);
    // The date of the moment: of the first segment's begin, and so much later.
    const std::string date = rig.newest().segments.front().date_time;
    CHECK(date.substr(0, 17) == out.substr(out.find("START-DATE=\"") + 12, 17));
    cue(rig, 13'000, 7, false);
    rig.feed({.from_ms = 8'500, .to_ms = 14'500, .keys_from_ms = 8'000});
    const auto all = ranges(rig.texts.back());
    REQUIRE(all.size() == 2);
    CHECK(has(all[1], id));
    CHECK(has(all[1], ",DURATION=4.000,SCTE35-IN=0xFC30"));
    rig.check_all();
    // The same event again is another break.
    cue(rig, 16'000, 7, true, base::Ticks(5s));
    rig.feed({.from_ms = 14'500, .to_ms = 18'500, .keys_from_ms = 14'000});
    CHECK(ranges(rig.texts.back()).size() == 3);
    CHECK_FALSE(has(ranges(rig.texts.back())[2], id));
    rig.check_all();
  }
}

TEST_CASE("low latency tells of a break before its segment is complete, and in delta updates", "[hls][scte35]") {
  Rig rig(vhost_of(2s, true));
  rig.run(0, 9'000);
  cue(rig, 12'000, 9, true);
  rig.feed({.from_ms = 9'000, .to_ms = 9'600, .keys_from_ms = 8'000});
  CHECK(ranges(rig.texts.back()).size() == 1);
  CHECK(ranges(std::string(base::as_text(rig.listing->delta.plain))).size() == 1);
  rig.check_all();
}

TEST_CASE("who asks for v2 is not told of old breaks again, but of those that left", "[hls][scte35]") {
  config::Vhost vhost = vhost_of(1s, true);
  vhost.hls.window = 30s;
  Rig rig(vhost);
  rig.run(0, 4'000);
  cue(rig, 5'500, 9, true, base::Ticks(1s));
  rig.feed({.from_ms = 4'000, .to_ms = 28'000, .keys_from_ms = 4'000});
  const auto delta = [&rig](bool v2) {
    return std::string(base::as_text((v2 ? rig.listing->delta_v2 : rig.listing->delta).plain));
  };
  CHECK(has(rig.texts.back(), "CAN-SKIP-UNTIL=12.0,CAN-SKIP-DATERANGES=YES"));
  REQUIRE(ranges(rig.texts.back()).size() == 1);
  const std::string told = ranges(rig.texts.back()).front();
  const std::string id = told.substr(told.find("ID=") + 3, told.find(",START") - told.find("ID=") - 3);
  CHECK(ranges(delta(false)).size() == 1);
  CHECK(ranges(delta(true)).empty());
  CHECK(has(delta(true), ",RECENTLY-REMOVED-DATERANGES=\"\"\n"));
  CHECK(has(delta(true), "#EXT-X-VERSION:10\n"));
  CHECK(has(delta(false), "#EXT-X-VERSION:9\n"));
  for (const bool v2 : {false, true}) {
    const auto checked = test::validate_playlist(delta(v2));
    for (const auto& fault : checked.faults) UNSCOPED_INFO(fault);
    CHECK(checked.faults.empty());
    CHECK(checked.playlist.skipped > 0);
  }
  // A new one is told before its segment is complete. The old one leaves the window, which is said for a while.
  cue(rig, 30'000, 10, true, base::Ticks(1s));
  rig.feed({.from_ms = 28'000, .to_ms = 41'000, .keys_from_ms = 28'000});
  CHECK(ranges(rig.texts.back()).size() == 1);
  CHECK(has(delta(true), ",RECENTLY-REMOVED-DATERANGES=" + id + "\n"));
  rig.feed({.from_ms = 41'000, .to_ms = 56'000, .keys_from_ms = 40'000});
  CHECK(has(delta(true), ",RECENTLY-REMOVED-DATERANGES=\"\"\n"));
  rig.check_all();
}

TEST_CASE("a command without a break is one, and nothing of a splice_null", "[hls][scte35]") {
  Rig rig(vhost_of(2s));
  rig.run(0, 5'000);
  // time_signal without a descriptor, at 0x072bd0050
  base::Buffer made;
  made.append(test::bytes("fc 3016 00 0000000000 ff fff005 06 fe72bd0050 0000 00000000"));
  const auto whole = base::SharedBytes::copy_of(scte35::moved(made, 0, 0));  // with its checksum
  const auto said = scte35::parse(whole);
  REQUIRE(said);
  CHECK(said->kind == scte35::Section::Kind::other);
  rig.segmenter->on_cue(base::Millis(6'000), *said, whole);
  rig.feed({.from_ms = 5'000, .to_ms = 8'500, .keys_from_ms = 4'000});
  REQUIRE(ranges(rig.texts.back()).size() == 1);
  CHECK(has(ranges(rig.texts.back())[0], ",SCTE35-CMD=0xFC30"));
  rig.check_all();
}

TEST_CASE("sections of a publisher do not make a playlist as large as he likes", "[hls][scte35]") {
  const auto section_of = [](std::uint32_t number) {
    constexpr std::size_t body = 4'000;
    base::Buffer made;
    base::ByteWriter w(made);
    w.u8(0xfc);
    w.u16(0x3000 | (11 + body + 2 + 4));
    w.zeros(7);
    w.u8(0xff);
    w.u16(0xf000 | body);
    w.u8(0xff);  // private_command
    w.u32(number);
    w.zeros(body - 4 + 2);
    w.u32(ts::crc32(made));
    return base::SharedBytes::copy_of(made);
  };
  config::Vhost vhost = vhost_of(2s);
  vhost.hls.window = 600s;
  Rig rig(vhost);
  rig.run(0, 1'000);
  std::uint32_t number = 0;
  for (std::int64_t at = 1'000; at < 30'000; at += 1'000) {
    for (int i = 0; i < 16; ++i) {
      const base::SharedBytes section = section_of(++number);
      const auto said = scte35::parse(section);
      REQUIRE(said.has_value());
      rig.segmenter->on_cue(base::Millis(at), *said, section);
    }
    rig.feed({.from_ms = at, .to_ms = at + 1'000, .keys_from_ms = at - at % 2'000});
  }
  CHECK(ranges(rig.texts.back()).size() > 100);
  CHECK(rig.texts.back().size() < 1'200'000);
}

}  // namespace weir::test::cues_test
