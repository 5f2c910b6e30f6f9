#include <charconv>

#include "format/ts/packet.h"
#include "unit/session/hls/output_rig.h"

namespace weir::test::pictures_test {

// The playlist of key frames alone.

using namespace weir::session::hls;
using namespace std::chrono_literals;
using test::OutputRig;
using test::vhost_of;

namespace {

const std::string at = "__defaultVhost__/live/";

// The bytes that a playlist names: the begin of a segment.
base::Bytes picture(const OutputRig& rig, const test::ParsedPlaylist::Segment& segment) {
  std::size_t size = 0;
  std::from_chars(segment.range.data(), segment.range.data() + segment.range.size(), size);
  CHECK(segment.range.ends_with("@0"));
  const auto& whole = rig.items.at(at + segment.uri)->bytes;
  CHECK(size < whole.size());
  return base::Bytes(whole).first(std::min(size, whole.size()));
}

}  // namespace

TEST_CASE("each segment's first picture is a range of it", "[hls][pictures]") {
  const bool fmp4 = GENERATE(false, true), low_latency = GENERATE(false, true);
  OutputRig rig(vhost_of(2s, low_latency, fmp4));
  rig.run(0, 30'100);
  rig.check_all();
  std::optional<test::ParsedPlaylist> before;
  for (const std::string& text : rig.picture_texts) {
    const auto checked = test::validate_playlist(text);
    INFO(text);
    CHECK(checked.faults == std::vector<std::string>());
    CHECK(checked.playlist.pictures);
    CHECK(checked.playlist.open_parts.empty());
    if (before) CHECK(test::validate_update(*before, checked.playlist) == std::vector<std::string>());
    before = checked.playlist;
  }
  REQUIRE(before);
  const auto whole = rig.newest();
  CHECK(before->media_sequence == whole.media_sequence);
  REQUIRE(before->segments.size() == whole.segments.size());
  CHECK(rig.picture_texts.size() == static_cast<std::size_t>(whole.media_sequence) + whole.segments.size());
  for (std::size_t i = 0; i < whole.segments.size(); ++i) {
    const auto& segment = before->segments[i];
    CHECK(segment.uri == whole.segments[i].uri);
    CHECK(segment.duration == whole.segments[i].duration);
    const base::Bytes bytes = picture(rig, segment);
    if (fmp4) {
      // The key frame of 200 bytes is the last of it, behind the heads of the boxes.
      CHECK(bytes.size() > 300);
      CHECK(base::as_text(bytes).find("moof") != std::string_view::npos);
      CHECK(bytes[bytes.size() - 196] == 0x65);
      CHECK(bytes.back() == 0x55);
    } else {
      CHECK(bytes.size() % ts::packet_bytes == 0);
      CHECK(std::count(bytes.begin(), bytes.end(), 0x55) >= 195);
      CHECK(std::count(bytes.begin(), bytes.end(), 0x55) < 240);  // no second picture
    }
  }
  const std::string own = with_session(rig.listing->master, "abcd1234");
  INFO(own);
  CHECK(test::validate_master(own).empty());
  CHECK(own.find("#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=") != std::string::npos);
  CHECK(
      own.find(
          ",CODECS=\"avc1.42001e\",RESOLUTION=640x360,VIDEO-RANGE=SDR,URI=\"/live/a~iframes.m3u8?hls_ctx=abcd1234\"") !=
      std::string::npos);
  CHECK(rig.pictures->visited() == rig.listing->place);
  CHECK(with_session(rig.pictures->full_own, "abcd1234").find("?hls_ctx=abcd1234\n") != std::string::npos);
}

TEST_CASE("a segment that begins without a key frame has no picture", "[hls][pictures]") {
  OutputRig rig(vhost_of(2s));
  rig.feed({.from_ms = 0, .to_ms = 30'000, .gop_ms = 10'000});
  const auto checked = test::validate_playlist(rig.picture_texts.back());
  INFO(rig.picture_texts.back());
  CHECK(checked.faults == std::vector<std::string>());
  std::size_t missing = 0, there = 0;
  for (const auto& segment : checked.playlist.segments) ++(segment.gap ? missing : there);
  CHECK(missing > 0);
  CHECK(there > 0);
  CHECK(checked.playlist.segments.size() == rig.newest().segments.size());
}

TEST_CASE("no playlist of pictures where there are none to be had", "[hls][pictures]") {
  config::Vhost vhost = vhost_of(2s);
  const bool keys = GENERATE(true, false);
  vhost.hls.keys = keys;
  OutputRig rig(vhost);
  rig.feed({.from_ms = 0, .to_ms = 10'000, .video = keys});
  CHECK_FALSE(rig.texts.empty());
  CHECK(rig.picture_texts.empty());
  CHECK(rig.listing->master.plain.bytes().size() > 0);
  CHECK(base::as_text(rig.listing->master.plain).find("I-FRAME") == std::string_view::npos);
}

TEST_CASE("it ends with the stream, goes on with the next publisher, and goes with the rest", "[hls][pictures]") {
  OutputRig first(vhost_of(2s));
  first.run(0, 9000);
  first.segmenter->end();
  const bool end = GENERATE(false, true);
  first.output->leave(end);
  CHECK((first.picture_texts.back().find("#EXT-X-ENDLIST") != std::string::npos) == end);
  CHECK_FALSE(first.pictures->live);
  OutputRig second(vhost_of(2s), first.listing->window);
  if (GENERATE(false, true)) {
    second.run(0, 9000);
    const auto checked = test::validate_playlist(second.picture_texts.back());
    CHECK(checked.faults == std::vector<std::string>());
    CHECK(checked.playlist.segments.size() == second.newest().segments.size());
  }
  second.pictures = first.pictures;
  second.output->remove(true);
  CHECK_FALSE(second.pictures);
  CHECK(second.items.empty());
  CHECK(second.budget.used() == 0);
}

}  // namespace weir::test::pictures_test
