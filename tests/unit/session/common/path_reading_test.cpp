#include "session/common/path_reading.h"

#include "session/common/path_pattern.h"
#include "support/catch.h"

namespace weir::test::path_reading_test {

using session::named_by;

TEST_CASE("a path says which stream it is of", "[session]") {
  const auto read = [](const char* pattern, const std::string& path) {
    const auto named = named_by(pattern, "v.example", path);
    return named ? named->app + " " + named->stream : "none";
  };
  CHECK(read("[app]/[stream].m3u8", "/live/cam.m3u8") == "live cam");
  CHECK(read("[app]/[stream].m3u8", "/live/a/b.c.m3u8") == "live/a b.c");
  CHECK(read("[app]/[stream].m3u8", "/cam.m3u8") == "none");
  CHECK(read("[app]/[stream].m3u8", "/live/cam.mpd") == "none");
  CHECK(read("[app]/[stream].m3u8", "/live/.m3u8") == "none");
  CHECK(read("[app]/[stream]/[stream].m3u8", "/live/cam/cam.m3u8") == "live cam");
  CHECK(read("[app]/[stream]/[stream].m3u8", "/live/cam/cab.m3u8") == "none");
  CHECK(read("/hls/[vhost]/[app]-[stream].m3u8", "/hls/v.example/a-b-c.m3u8") == "a-b c");
  CHECK(read("/hls/[vhost]/[app]-[stream].m3u8", "/hls/w.example/a-c.m3u8") == "none");
  CHECK(read("[app][stream].m3u8", "/abc.m3u8") == "ab c");
  CHECK(read("[stream].m3u8", "/abc.m3u8") == " abc");
  CHECK(read("[app]/all.m3u8", "/live/all.m3u8") == "none");
  CHECK(read("", "") == "none");
  CHECK(read("[app]/[stream].m3u8", "/" + std::string(600, 'a') + "/b.m3u8") == "none");
}

TEST_CASE("whatever a pattern makes is read back", "[session]") {
  for (const std::string pattern :
       {"[app]/[stream].m3u8", "x/[vhost]/[app]/[stream]/index.m3u8", "[stream]/[app].mpd"}) {
    for (const std::string app : {"live", "live/a", "a.b"}) {
      for (const std::string stream : {"cam", "a-1", "x.y"}) {
        const std::string path = session::fill_path(pattern, {.vhost = "v", .app = app, .stream = stream});
        const auto named = named_by(pattern, "v", path);
        REQUIRE(named);
        CHECK(named->app == app);
        CHECK(named->stream == stream);
      }
    }
  }
}

TEST_CASE("a path that nearly fits costs little", "[session]") {
  CHECK_FALSE(named_by("[app]/[stream]/[app]/[stream].m3u8", "v", "/" + std::string(500, '/')));
  std::string many;
  for (int i = 0; i < 250; ++i) many += "a/";
  CHECK_FALSE(named_by("[app]/[stream]/[stream].m3u8", "v", many));
}

}  // namespace weir::test::path_reading_test
