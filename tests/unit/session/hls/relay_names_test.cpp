#include "session/hls/relay_names.h"

#include "support/catch.h"

namespace weir::test::relay_names_test {

using namespace std::chrono_literals;
using namespace weir::session::hls;

TEST_CASE("files of a stream have its name in common", "[hls][hls_relay]") {
  for (const char* path : {"/live/cam.m3u8", "/live/cam-12.ts", "/live/cam-12.m4s", "/live/cam-12.3.m4s",
                           "/live/cam/init.mp4", "/live/cam/init-2.mp4"}) {
    INFO(path);
    CHECK(relay_stem_of(path) == "live/cam");
  }
  CHECK(relay_stem_of("/live/cam-1.m3u8") == "live/cam-1");
  CHECK(relay_stem_of("/live/cam-1-7.ts") == "live/cam-1");
  CHECK(relay_stem_of("/live/cam-audio-7.2.m4s") == "live/cam-audio");
  CHECK(relay_stem_of("/live/cam.ts") == "live/cam");
  CHECK(relay_stem_of("/init.mp4") == "init");
  CHECK(relay_stem_of("/7.ts") == "7");
  CHECK(relay_stem_of("") == "");
}

TEST_CASE("what is no file of HLS is told by its name", "[hls][hls_relay]") {
  CHECK(relay_kind_of("/live/cam.m3u8") == RelayKind::playlist);
  CHECK(relay_kind_of("/live/cam-1.m4s") == RelayKind::media);
  for (const char* path : {"/live/cam", "/live/cam.flv", "/live.ts/cam", "/.ts", "/live/cam.mpd", "/"}) {
    INFO(path);
    CHECK(relay_kind_of(path) == RelayKind::none);
  }
  CHECK(may_be_live("/live/cam-1.ts"));
  CHECK_FALSE(may_be_live("/live/cam-1.m4s"));
}

TEST_CASE("an origin is asked in one way, whatever a player says besides", "[hls][hls_relay]") {
  CHECK(relay_target_of("/live/cam.m3u8", "token=7&_HLS_part=2&_HLS_msn=5", "") ==
        "/live/cam.m3u8?_HLS_msn=5&_HLS_part=2");
  CHECK(relay_target_of("/live/cam.m3u8", "hls_ctx=abc&_HLS_skip=YES", "v.com") ==
        "/live/cam.m3u8?_HLS_skip=YES&vhost=v.com");
  CHECK(relay_target_of("/live/a b?#%.m3u8", "", "") == "/live/a%20b%3F%23%25.m3u8");
  CHECK(relay_target_of("/live/cam-1.ts", "_HLS_msn=1&vhost=evil&x=\r\n", "") == "/live/cam-1.ts");
  CHECK(relay_target_of("/live/cam.m3u8", "_HLS_msn=1%0d%0aX:y", "").find('\n') == std::string::npos);
}

TEST_CASE("addresses in playlists are found and given a parameter", "[hls][hls_relay]") {
  const std::string master =
      "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",URI=\"cam-audio.m3u8?v=1\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1\r\ncam-video.m3u8\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://else/where.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1\n../../etc/x.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/vod/y.m3u8";
  CHECK(playlists_named_in(master, "/live/cam.m3u8") ==
        std::vector<std::string>{"/live/cam-audio.m3u8", "/live/cam-video.m3u8", "/vod/y.m3u8"});
  CHECK(playlists_named_in("#EXTM3U\n#EXTINF:1,\na.m3u8\n", "/live/cam.m3u8").empty());
  CHECK(with_own_query("#EXTM3U\n#EXT-X-MAP:URI=\"cam/init.mp4\"\n#EXT-X-PART:DURATION=1,URI=\"a.m4s\",X=\"b\"\n"
                       "#EXTINF:1,\r\ncam-1.ts?x=1\r\n\ncam-2.ts",
                       "hls_ctx=7") ==
        "#EXTM3U\n#EXT-X-MAP:URI=\"cam/init.mp4?hls_ctx=7\"\n#EXT-X-PART:DURATION=1,URI=\"a.m4s?hls_ctx=7\",X=\"b\"\n"
        "#EXTINF:1,\r\ncam-1.ts?x=1&hls_ctx=7\r\n\ncam-2.ts?hls_ctx=7");
  CHECK(with_own_query("#EXT-X-MAP:URI=\"open", "a=b") == "#EXT-X-MAP:URI=\"open");
  CHECK(media_sequence_of("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:41\n") == 41);
  CHECK(media_sequence_of("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:-1\n") == 0);
  CHECK(media_sequence_of("#EXTM3U\n") == 0);
}

TEST_CASE("answers are kept as their origin says", "[hls][hls_relay]") {
  using enum RelayKind;
  CHECK(relay_life_of(200, "public, max-age=60", media, false) == 60s);
  CHECK(relay_life_of(200, "public, max-age=6", playlist, true) == 6s);
  CHECK(relay_life_of(200, "no-cache", playlist, false) == 200ms);
  CHECK(relay_life_of(200, "", playlist, false) == 200ms);
  CHECK(relay_life_of(200, "", media, false) == 60s);
  CHECK(relay_life_of(200, "no-store, max-age=60", media, false) == 0ms);
  CHECK(relay_life_of(200, "max-age=99999999999999999999", media, false) == 60s);
  CHECK(relay_life_of(200, "max-age=9999999999", media, false) == 24h);
  CHECK(relay_life_of(404, "", media, false) == 1s);
  CHECK(relay_life_of(404, "", playlist, true) == 0ms);
  CHECK(relay_life_of(503, "max-age=60", playlist, false) == 0ms);
}

}  // namespace weir::test::relay_names_test
