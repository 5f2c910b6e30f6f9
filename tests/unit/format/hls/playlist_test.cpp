#include "format/hls/playlist.h"

#include "support/catch.h"
#include "support/playlist_validator.h"

namespace weir::test::playlist_test {

using namespace weir::hls;
using test::validate_playlist;

namespace {

base::Ticks ms(std::int64_t millis) { return base::Millis(millis); }

Segment segment(int number, std::int64_t millis, std::string_view extension = "ts") {
  return {.uri = "live-" + std::to_string(number) + "." + std::string(extension), .duration = ms(millis)};
}

// Segments of 4 s in eight parts of 500 ms each, and an open one with three.
MediaPlaylist low_latency(int count) {
  MediaPlaylist list{
      .target_duration = 4, .media_sequence = 100, .low_latency = LowLatency{.part_target = ms(500), .can_skip = true}};
  const auto part = [](int number, int index) {
    return Part{.uri = "live-" + std::to_string(number) + "." + std::to_string(index) + ".m4s",
                .duration = ms(500),
                .independent = index == 0};
  };
  for (int i = 0; i < count; ++i) {
    Segment one = segment(100 + i, 4000, "m4s");
    one.map = Map{.uri = "init.mp4"};
    for (int p = 0; p < 8; ++p) one.parts.push_back(part(100 + i, p));
    list.segments.push_back(std::move(one));
  }
  for (int p = 0; p < 3; ++p) list.open_parts.push_back(part(100 + count, p));
  list.open_map = Map{.uri = "init.mp4"};
  list.preload_hint = "live-" + std::to_string(100 + count) + ".3.m4s";
  return list;
}

void check_valid(const std::string& text) {
  INFO(text);
  const auto result = validate_playlist(text);
  for (const auto& fault : result.faults) FAIL_CHECK(fault);
}

}  // namespace

TEST_CASE("a classic playlist is written line by line", "[hls]") {
  MediaPlaylist list{.target_duration = 10, .media_sequence = 7, .discontinuity_sequence = 2};
  list.segments = {segment(7, 9984), segment(8, 10'010), segment(9, 3000)};
  list.segments[1].discontinuity = true;
  list.segments[0].date_time = WallTime(base::Millis(1'700'000'000'123));
  const auto text = write_media_playlist(list);
  CHECK(
      text ==
      "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n"
      "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.123Z\n#EXTINF:9.98400,\nlive-7.ts\n"
      "#EXT-X-DISCONTINUITY\n#EXTINF:10.01000,\nlive-8.ts\n#EXTINF:3.00000,\nlive-9.ts\n");
  list.segments[2].duration = ms(10'400);
  check_valid(write_media_playlist(list));
  list.ended = list.independent_segments = true;
  CHECK(write_media_playlist(list).find("\n#EXT-X-INDEPENDENT-SEGMENTS\n") != std::string::npos);
  CHECK(write_media_playlist(list).ends_with("#EXT-X-ENDLIST\n"));
  check_valid(write_media_playlist(list));
}

TEST_CASE("the target duration is the longest segment rounded to the nearest second", "[hls]") {
  CHECK(target_duration_of(ms(10'499)) == 10);
  CHECK(target_duration_of(ms(10'500)) == 11);
  CHECK(target_duration_of(ms(200)) == 1);
}

TEST_CASE("the key stands at the start of the window and where it changes", "[hls]") {
  MediaPlaylist list{.target_duration = 10};
  for (int i = 0; i < 5; ++i) list.segments.push_back(segment(i, 10'000));
  const Key one{.uri = "live-0.key", .iv = std::string(32, 'a')}, two{.uri = "live-3.key?token=1", .iv = ""};
  list.segments[0].key = list.segments[1].key = one;
  list.segments[2].key = two;
  list.segments[3].key = two;
  const auto text = write_media_playlist(list);
  const auto parsed = validate_playlist(text);
  CHECK(parsed.faults.empty());
  CHECK(parsed.playlist.segments[0].key == "METHOD=AES-128,URI=\"live-0.key\",IV=0x" + std::string(32, 'a'));
  CHECK(parsed.playlist.segments[3].key == "METHOD=AES-128,URI=\"live-3.key?token=1\"");
  CHECK(parsed.playlist.segments[4].key.empty());
  CHECK(std::count(parsed.playlist.tags.begin(), parsed.playlist.tags.end(), "#EXT-X-KEY") == 3);
}

TEST_CASE("prefix and session id go onto the names of media", "[hls]") {
  MediaPlaylist list{.target_duration = 10, .segments = {segment(1, 10'000)}};
  list.segments[0].uri += "?token=a";
  list.segments[0].map = Map{.uri = "init.mp4"};
  const auto text = write_media_playlist(list, {.query = "hls_ctx=12345678", .prefix = "http://cdn/live/"});
  CHECK(text.find("\nhttp://cdn/live/live-1.ts?token=a&hls_ctx=12345678\n") != std::string::npos);
  CHECK(text.find("URI=\"init.mp4\"") != std::string::npos);
  const auto both = write_media_playlist(list, {.query = "hls_ctx=1", .key_and_map_too = true});
  CHECK(both.find("URI=\"init.mp4?hls_ctx=1\"") != std::string::npos);
  CHECK(with_query("a.m3u8", "") == "a.m3u8");
}

TEST_CASE("low latency: parts of the newest segments, a hint, the server's promises", "[hls]") {
  const auto text = write_media_playlist(low_latency(10));
  check_valid(text);
  const auto list = validate_playlist(text).playlist;
  CHECK(list.version == 9);
  CHECK(list.can_block_reload);
  CHECK(list.part_target == 0.5);
  CHECK(list.part_hold_back == 1.5);
  CHECK(list.can_skip_until == 24);
  REQUIRE(list.segments.size() == 10);
  CHECK(list.segments.front().parts.empty());
  CHECK(list.segments[6].parts.empty());  // 13.5 s from the end: its parts have gone
  CHECK(list.segments[7].parts.size() == 8);
  CHECK(list.open_parts.size() == 3);
  CHECK(list.open_parts[0].independent);
  CHECK_FALSE(list.open_parts[1].independent);
  CHECK(list.preload_hint == "live-110.3.m4s");
  CHECK(std::count(list.tags.begin(), list.tags.end(), "#EXT-X-MAP") == 1);
}

TEST_CASE("a delta update tells the rest, and only what may be skipped", "[hls]") {
  const auto playlist = low_latency(12);
  const auto full = validate_playlist(write_media_playlist(playlist)).playlist;
  const auto text = write_media_playlist(playlist, {.skip = true});
  check_valid(text);
  const auto delta = validate_playlist(text).playlist;
  CHECK(delta.skipped == 6);  // 1.5 s open and six of 4 s reach past 24 s
  CHECK(delta.segments.size() == 6);
  const auto joined = test::apply_delta(full, delta);
  REQUIRE(joined);
  CHECK(test::validate_update(full, *joined).empty());
  CHECK(joined->segments.size() == 12);
  // with nothing old enough it is a whole playlist
  CHECK(write_media_playlist(low_latency(5), {.skip = true}) == write_media_playlist(low_latency(5)));
}

TEST_CASE("lines that were written before make the same playlist, and the bare middle of them is enough", "[hls]") {
  const bool low = GENERATE(true, false);
  const WriteOptions options =
      GENERATE(WriteOptions{}, WriteOptions{.skip = true}, WriteOptions{.query = "hls_ctx=1", .key_and_map_too = true});
  MediaPlaylist list = low_latency(30);
  for (std::size_t i = 0; i < list.segments.size(); ++i) {
    Segment& one = list.segments[i];
    if (i < 24) one.parts.clear();
    if (i % 7 == 5) one.discontinuity = true;
    if (i % 5 == 4) one.gap = true;
    if (i % 3 == 0) one.date_time = WallTime(std::chrono::seconds(1'700'000'000 + i * 4));
    if (i >= 9) one.map = Map{.uri = "other.mp4"};
    if (i >= 4 && i < 15) one.key = Key{.uri = i < 10 ? "a.key" : "b.key", .iv = "12"};
  }
  list.open_map = Map{.uri = "other.mp4"};
  if (!low) list.low_latency.reset();
  const std::string wanted = write_media_playlist(list, options);

  MediaPlaylist kept = list;
  for (std::size_t i = 0; i < 24; ++i) {
    const Segment lines_before = i == 0 ? Segment() : list.segments[i - 1];
    const auto lines = std::make_shared<const std::string>(segment_lines(list.segments[i], lines_before, options));
    if (i > 0 && i < 23) {
      kept.segments[i] = Segment();
      kept.segments[i].duration = list.segments[i].duration;
    }
    kept.segments[i].lines = lines;
  }
  CHECK(write_media_playlist(kept, options) == wanted);
  // The first one that is listed says the map and the key, whatever stood before it.
  list.segments.erase(list.segments.begin(), list.segments.begin() + 12);
  kept.segments.erase(kept.segments.begin(), kept.segments.begin() + 12);
  const auto lines = kept.segments.front().lines;
  kept.segments.front() = list.segments.front();
  kept.segments.front().lines = lines;
  CHECK(write_media_playlist(kept, options) == write_media_playlist(list, options));
}

TEST_CASE("playlists that follow one another agree", "[hls]") {
  MediaPlaylist list{.target_duration = 10, .media_sequence = 0};
  for (int i = 0; i < 6; ++i) list.segments.push_back(segment(i, 10'000));
  list.segments[0].discontinuity = true;
  const auto before = validate_playlist(write_media_playlist(list)).playlist;
  list.segments.erase(list.segments.begin());
  list.segments.push_back(segment(6, 10'000));
  list.media_sequence = 1;
  list.discontinuity_sequence = 1;
  const auto text = write_media_playlist(list);
  check_valid(text);
  CHECK(test::validate_update(before, validate_playlist(text).playlist).empty());
}

TEST_CASE("an ended low-latency playlist has no parts and no hint", "[hls]") {
  auto playlist = low_latency(8);
  playlist.ended = true;
  const auto text = write_media_playlist(playlist);
  check_valid(text);
  CHECK(text.find("EXT-X-PART:") == std::string::npos);
  CHECK(text.find("PRELOAD") == std::string::npos);
}

TEST_CASE("a master playlist", "[hls]") {
  Variant variant{.uri = "live.m3u8?hls_ctx=1",
                  .bandwidth_bps = 1'300'000,
                  .codecs = "avc1.64001f,mp4a.40.2",
                  .width = 1280,
                  .height = 720,
                  .frame_rate = 29.97,
                  .range = Variant::Range::sdr};
  const auto text = write_master_playlist({.variants = {variant}, .independent_segments = true});
  CHECK(text ==
        "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=1300000,CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE="
        "29.970,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE\n"
        "live.m3u8?hls_ctx=1\n");
  CHECK(test::validate_master(text).empty());
  variant.range = Variant::Range::pq;
  variant.closed_captions = true;
  const auto captions = write_master_playlist({.variants = {variant}});
  CHECK(captions.find("TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\"") != std::string::npos);
  CHECK(captions.find("VIDEO-RANGE=PQ,CLOSED-CAPTIONS=\"cc\"") != std::string::npos);
  CHECK(test::validate_master(captions).empty());
  const auto sound = write_master_playlist({.variants = {{.uri = "a.m3u8", .codecs = "mp4a.40.2"}}});
  CHECK(sound == "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"mp4a.40.2\"\na.m3u8\n");
}

}  // namespace weir::test::playlist_test
