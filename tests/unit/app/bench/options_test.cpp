#include "app/bench/options.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace weir::test::options_test {

namespace {

bench::ParsedOptions parse(const std::string& line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    words.push_back(std::string_view(line).substr(at, end - at));
    at = end + 1;
  }
  return bench::parse_options(words);
}

}  // namespace

TEST_CASE("targets are taken apart and numbered", "[bench]") {
  const auto rtmp = bench::parse_target("rtmp://10.0.0.1:1936/live/room/s?vhost=a.b&token=1/2");
  REQUIRE(rtmp.has_value());
  CHECK(rtmp->host == "10.0.0.1");
  CHECK(rtmp->port == 1936);
  CHECK(rtmp->app == "live/room");
  CHECK(rtmp->stream == "s");
  CHECK(rtmp->query == "?vhost=a.b&token=1/2");
  CHECK(rtmp->tc_url() == "rtmp://10.0.0.1:1936/live/room");
  CHECK(rtmp->numbered(7).stream == "s_7");

  const auto http = bench::parse_target("http://[::1]:8080/live/s.flv");
  REQUIRE(http.has_value());
  CHECK(http->host == "::1");
  CHECK(http->authority() == "[::1]:8080");
  CHECK(http->numbered(3).stream == "/live/s_3.flv");
  CHECK(bench::parse_target("http://h/a.b/s")->numbered(1).stream == "/a.b/s_1");

  for (const char* bad : {"", "rtmp://h", "rtmp://h/app", "rtmp://h/app/", "rtmp://h:x/a/s", "rtmp://h:70000/a/s",
                          "ftp://h/a/s", "rtmp://[::1/a/s", "rtmp://:1935/a/s", "http://h/"}) {
    CAPTURE(bad);
    CHECK_FALSE(bench::parse_target(bad).has_value());
  }
}

TEST_CASE("options are checked and completed", "[bench]") {
  const auto one = parse("--publish rtmp://h/live/s --play http://h/live/s.flv --players 20 --drain 10");
  CHECK(one.mistake.empty());
  CHECK(one.options.publishers == 1);
  CHECK(one.options.streams == 1);
  CHECK(one.options.players == 20);
  CHECK(one.options.drain_ms == 10);

  CHECK(parse("--publish rtmp://h/live/s --publishers 9").options.streams == 9);
  CHECK(parse("--players 1").mistake == "neither --publish nor --play is given");
  CHECK(parse("--publish http://h/live/s.flv").mistake == "--publish cannot be \"http://h/live/s.flv\"");
  CHECK(parse("--play rtmp://h/live/s --players -1").mistake == "--players cannot be \"-1\"");
  CHECK(parse("--play rtmp://h/live/s --seconds").mistake == "--seconds needs a value");
  CHECK(parse("--play rtmp://h/live/s --fast 1").mistake == "unknown option --fast");
  CHECK(parse("--play rtmp://h/live/s --mode churn").mistake == "--mode churn needs --publish");
  CHECK(parse("--publish rtmp://h/live/s --publishers 3 --streams 2").mistake ==
        "more publishers than streams: each needs a name of its own");
  CHECK(parse("--help").options.help);
}

}  // namespace weir::test::options_test
