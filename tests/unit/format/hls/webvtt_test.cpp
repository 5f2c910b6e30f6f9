#include "format/hls/webvtt.h"

#include "format/hls/playlist.h"
#include "support/catch.h"
#include "support/playlist_validator.h"

namespace weir::test::webvtt_test {

using namespace std::chrono_literals;

TEST_CASE("a segment of words has what is shown in it, cut to it", "[hls][webvtt]") {
  const std::vector<hls::TextCue> cues{{1s, 3s, "first"}, {5s, 9s, "a < b && c\n\n--> d\n"}, {3600s, 3601s, "later"}};
  CHECK(hls::write_webvtt(cues, 2s, 6s, 1s) ==
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:90000,LOCAL:00:00:00.000\n"
        "\n00:00:02.000 --> 00:00:03.000\nfirst\n"
        "\n00:00:05.000 --> 00:00:06.000\na &lt; b &amp;&amp; c\n--&gt; d\n");
  CHECK(hls::write_webvtt(cues, 3600s, 3602s, {}) ==
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n01:00:00.000 --> 01:00:01.000\nlater\n");
  CHECK(hls::write_webvtt({}, 0s, 2s, {}) == "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n");
}

TEST_CASE("the multivariant playlist names words as subtitles of its variants", "[hls][webvtt]") {
  hls::MasterPlaylist list;
  list.variants.push_back({.uri = "a.m3u8", .codecs = "avc1.64001f", .texts = "text"});
  list.texts.push_back({.uri = "a-text.m3u8", .name = "Text"});
  const std::string text = hls::write_master_playlist(list);
  INFO(text);
  CHECK(validate_master(text).empty());
  CHECK(text.find("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"text\",NAME=\"Text\",DEFAULT=YES,AUTOSELECT=YES,URI=\"a-text."
                  "m3u8\"\n") != std::string::npos);
  CHECK(text.find(",SUBTITLES=\"text\"\n") != std::string::npos);
}

}  // namespace weir::test::webvtt_test
