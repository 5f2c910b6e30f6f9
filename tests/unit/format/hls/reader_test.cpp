#include "format/hls/reader.h"

#include "support/catch.h"

namespace weir::test::reader_test {

using namespace weir::hls;
using namespace std::chrono_literals;

namespace {

MediaPlaylist media(const std::string& text) {
  auto read = read_playlist(text);
  REQUIRE(read.has_value());
  REQUIRE(std::holds_alternative<MediaPlaylist>(*read));
  return std::get<MediaPlaylist>(*std::move(read));
}

ReadErrc fault(const std::string& text, const ReadLimits& limits = {}) {
  const auto read = read_playlist(text, limits);
  return read ? ReadErrc::ok : static_cast<ReadErrc>(read.error().value());
}

const std::string head = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n";

}  // namespace

TEST_CASE("a media playlist is read, and what is not known is passed over", "[hls]") {
  const MediaPlaylist playlist = media(
      "\xEF\xBB\xBF#EXTM3U\r\n#EXT-X-VERSION:7\r\n#EXT-X-TARGETDURATION:6\r\n#EXT-X-MEDIA-SEQUENCE:17\r\n"
      "#EXT-X-DISCONTINUITY-SEQUENCE:3\r\n# a comment\r\n\r\n#EXT-X-FUTURE:a=b\r\n"
      "#EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"720@0\"\r\n#EXTINF:5.005,a title\r\n one.m4s \r\n"
      "#EXT-X-DISCONTINUITY\r\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z\r\n#EXTINF:2\r\ntwo.m4s\r\n"
      "#EXT-X-GAP\r\n#EXTINF:3,\r\nthree.m4s\r\n#EXT-X-ENDLIST");
  CHECK(playlist.target_duration == 6);
  CHECK(playlist.media_sequence == 17);
  CHECK(playlist.discontinuity_sequence == 3);
  CHECK(playlist.ended);
  REQUIRE(playlist.segments.size() == 3);
  CHECK(playlist.segments[0].uri == "one.m4s");
  CHECK(playlist.segments[0].duration == base::Ticks(450'450));
  CHECK(playlist.segments[0].map == Map{"init.mp4", ByteRange{720, 0}});
  CHECK_FALSE(playlist.segments[0].discontinuity);
  CHECK(playlist.segments[1].discontinuity);
  CHECK_FALSE(playlist.segments[1].gap);
  CHECK(playlist.segments[2].gap);
}

TEST_CASE("keys hold until the next one", "[hls]") {
  const MediaPlaylist playlist = media(head +
                                       "#EXT-X-KEY:METHOD=AES-128,URI=\"k,1\",IV=0xAb\n#EXTINF:4,\na\n#EXTINF:4,\nb\n"
                                       "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\",KEYFORMAT=\"identity\"\n#EXTINF:4,\nc\n"
                                       "#EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\nd\n");
  REQUIRE(playlist.segments.size() == 4);
  CHECK(playlist.segments[0].key == Key{"k,1", "000000000000000000000000000000Ab"});
  CHECK(playlist.segments[1].key == playlist.segments[0].key);
  CHECK(playlist.segments[2].key == Key{"k2", ""});
  CHECK_FALSE(playlist.segments[3].key);
  CHECK(fault(head + "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n#EXTINF:4,\na\n") == ReadErrc::unknown_encryption);
  CHECK(fault(head + "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",KEYFORMAT=\"com.apple\"\n") == ReadErrc::unknown_encryption);
  for (const char* bad : {"#EXT-X-KEY:", "#EXT-X-KEY:METHOD=AES-128", "#EXT-X-KEY:METHOD=AES-128,URI=\"a",
                          "#EXT-X-KEY:METHOD=AES-128,URI=\"a\",IV=12", "#EXT-X-KEY:METHOD=AES-128,URI=\"a\",IV=0xg",
                          "#EXT-X-KEY:METHOD=AES-128,URI=\"a\",IV=0x", "#EXT-X-MAP:", "#EXT-X-MAP:URI=\"\"",
                          "#EXT-X-MAP:URI=\"a\",BYTERANGE=\"x\"", "#EXTINF:", "#EXTINF:x,", "#EXTINF:-1,",
                          "#EXTINF:nan,", "#EXTINF:1e9,", "#EXTINF:99999999,", "#EXT-X-TARGETDURATION:4.5",
                          "#EXT-X-MEDIA-SEQUENCE:18446744073709551615", "#EXT-X-MEDIA-SEQUENCE:-1"}) {
    INFO(bad);
    CHECK(fault(head + bad + "\n") == ReadErrc::bad_line);
  }
}

TEST_CASE("byte ranges go on where the one before ended", "[hls]") {
  const MediaPlaylist playlist = media(head +
                                       "#EXT-X-BYTERANGE:100@50\n#EXTINF:4,\na\n#EXT-X-BYTERANGE:20\n#EXTINF:4,\na\n"
                                       "#EXT-X-BYTERANGE:7\n#EXTINF:4,\nb\n#EXTINF:4,\nc\n");
  REQUIRE(playlist.segments.size() == 4);
  CHECK(playlist.segments[0].range == ByteRange{100, 50});
  CHECK(playlist.segments[1].range == ByteRange{20, 150});
  CHECK(playlist.segments[2].range == ByteRange{7, 0});
  CHECK_FALSE(playlist.segments[3].range);
  CHECK(fault(head + "#EXT-X-BYTERANGE:0@1\n#EXTINF:4,\na\n") == ReadErrc::bad_line);
}

TEST_CASE("a playlist of variants is told by its tags", "[hls]") {
  const auto read = read_playlist(
      "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",URI=\"a.m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1280000,RESOLUTION=640x360,CODECS=\"avc1.64001e,mp4a.40.2\",AUDIO=\"a\"\nlow.m3u8\n"
      "#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=5,BANDWIDTH=6000000\nhttp://b/high.m3u8?x=1\n");
  REQUIRE(read.has_value());
  REQUIRE(std::holds_alternative<MasterPlaylist>(*read));
  const auto& master = std::get<MasterPlaylist>(*read);
  REQUIRE(master.variants.size() == 2);
  CHECK(master.variants[0].uri == "low.m3u8");
  CHECK(master.variants[0].bandwidth_bps == 1'280'000);
  CHECK(master.variants[0].height == 360);
  CHECK(master.variants[0].codecs == "avc1.64001e,mp4a.40.2");
  CHECK(master.variants[1].bandwidth_bps == 6'000'000);
}

TEST_CASE("what is no playlist, or too much of one, is refused", "[hls]") {
  CHECK(fault("") == ReadErrc::no_playlist);
  CHECK(fault("<html>") == ReadErrc::no_playlist);
  CHECK(fault("\n#EXTINF:1,\na") == ReadErrc::no_playlist);
  CHECK(fault("#EXTM3U\n") == ReadErrc::no_segments);
  CHECK(fault("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n") == ReadErrc::no_segments);
  CHECK(fault(head + "#EXT-X-ENDLIST\n") == ReadErrc::no_segments);
  CHECK(media(head).segments.empty());  // live, and not begun
  CHECK(fault(head + std::string(9000, 'x')) == ReadErrc::too_large);
  CHECK(fault(head + "#" + std::string(9000, 'x') + "\n#EXTINF:1,\na\n") == ReadErrc::too_large);
  CHECK(fault(head + std::string(1 << 20, '\n')) == ReadErrc::too_large);
  std::string many = head, keys = head + "#EXT-X-KEY:METHOD=AES-128,URI=\"" + std::string(8000, 'k') + "\"\n";
  for (int i = 0; i < 10'001; ++i) many += "#EXTINF:1,\na\n";
  for (int i = 0; i < 1'000; ++i) keys += "#EXTINF:1,\na\n";
  CHECK(fault(many) == ReadErrc::too_large);
  CHECK(fault(keys) == ReadErrc::too_large);  // which each segment would have for itself
  many.resize(head.size() + 10'000 * 13);
  CHECK(media(many).segments.size() == 10'000);
}

TEST_CASE("a playlist that is cut anywhere is read or refused", "[hls]") {
  const std::string whole =
      head +
      "#EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x01\n#EXT-X-MAP:URI=\"i\",BYTERANGE=\"1@2\"\n"
      "#EXTINF:4.0,\n#EXT-X-BYTERANGE:10@20\na.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4,\nb.ts\n#EXT-X-ENDLIST\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) (void)read_playlist(whole.substr(0, size));
  CHECK(media(whole).segments.size() == 2);
}

TEST_CASE("what is written is read again", "[hls]") {
  MediaPlaylist written{.target_duration = 3, .media_sequence = 9};
  written.segments.push_back({.uri = "a.ts", .duration = 2s, .key = Key{"k", std::string(32, '1')}});
  written.segments.push_back({.uri = "b.ts", .duration = 3s, .discontinuity = true});
  const MediaPlaylist read = media(write_media_playlist(written));
  CHECK(read.media_sequence == 9);
  REQUIRE(read.segments.size() == 2);
  CHECK(read.segments[0].key == written.segments[0].key);
  CHECK(read.segments[1].discontinuity);
  CHECK_FALSE(read.segments[1].key);
}

}  // namespace weir::test::reader_test
