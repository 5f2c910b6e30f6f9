#include "config/source_rules.h"

#include "support/catch.h"

namespace weir::test::source_rules_test {

using namespace weir::config;
using Words = std::vector<std::string>;

TEST_CASE("a command line is parted into words without a shell", "[config]") {
  CHECK(*words_of_command("ffmpeg -re  -i\tx -") == Words{"ffmpeg", "-re", "-i", "x", "-"});
  CHECK(*words_of_command(" 'a b' \"c 'd'\" e'f g'h '' ") == Words{"a b", "c 'd'", "ef gh", ""});
  CHECK(*words_of_command("a;b $(c) `d` |e >&f \\g") == Words{"a;b", "$(c)", "`d`", "|e", ">&f", "\\g"});
  CHECK(words_of_command(" \t")->empty());
  CHECK_FALSE(words_of_command("a 'b"));
  CHECK_FALSE(words_of_command("a \"b'"));
}

TEST_CASE("what an ingest without a program fetches", "[config]") {
  const auto url = [](Ingest::Input type, const std::string& text) {
    Ingest ingest;
    ingest.input_type = type;
    ingest.input_url = text;
    return source_url_of(ingest);
  };
  CHECK(url(Ingest::Input::file, "./doc/source.flv") == "file:./doc/source.flv");
  CHECK(url(Ingest::Input::file, "file:a.flv") == "file:a.flv");
  CHECK(url(Ingest::Input::file, "").empty());
  CHECK(url(Ingest::Input::stream, "http://a/b") == "http://a/b");
}

TEST_CASE("which origins are URLs and no hosts", "[config]") {
  for (const char* url : {"http://a", "HTTPS://a", "file:a", "exec:a"}) {
    INFO(url);
    CHECK(is_source_url(url));
  }
  for (const char* host : {"", "a", "a:1", "http", "http:1", "file", "rtmp://a/b", "[::1]:1"}) {
    INFO(host);
    CHECK_FALSE(is_source_url(host));
  }
}

TEST_CASE("which streams a source is of", "[config]") {
  const auto is_of = [](const char* scope, bool on_demand, const char* app, const char* stream) {
    return applies(Source{.scope = scope, .on_demand = on_demand}, app, stream);
  };
  CHECK(is_of("live/cam", false, "live", "cam"));
  CHECK(is_of("a/b/cam", true, "a/b", "cam"));
  CHECK_FALSE(is_of("live/cam", false, "live", "cam2"));
  CHECK_FALSE(is_of("live/cam", false, "live/cam", ""));
  CHECK_FALSE(is_of("livexcam", false, "live", "cam"));
  CHECK(is_of("live", true, "live", "cam"));
  CHECK(is_of("", true, "live", "cam"));
  CHECK_FALSE(is_of("", false, "live", "cam"));
  CHECK_FALSE(is_of("liv", true, "live", "cam"));
}

}  // namespace weir::test::source_rules_test
