#include "proto/srt/streamid.h"

#include "support/catch.h"

namespace weir::test::streamid_test {

using srt::Errc;
using Mode = srt::StreamId::Mode;

namespace {

struct Case {
  const char* text;
  Mode mode;
  const char* vhost;
  const char* app;
  const char* stream;
  const char* param;
};

constexpr const char* any_host = "__defaultVhost__";

}  // namespace

TEST_CASE("a stream id says what is asked for, in every dialect", "[srt]") {
  const Case cases[] = {
      // SRT Access Control
      {"#!::r=live/cam,m=publish", Mode::publish, any_host, "live", "cam", ""},
      {"#!::r=live/cam,m=request", Mode::request, any_host, "live", "cam", ""},
      {"#!::r=live/cam", Mode::request, any_host, "live", "cam", ""},
      {"#!::m=publish,r=live/cam", Mode::publish, any_host, "live", "cam", ""},
      {"#!::h=example.org,r=live/cam,m=publish", Mode::publish, "example.org", "live", "cam", ""},
      {"#!::r=cam,m=publish", Mode::publish, any_host, "live", "cam", ""},
      {"#!::r=/live/cam,m=publish", Mode::publish, any_host, "live", "cam", ""},
      {"#!::r=live/room/cam,m=publish", Mode::publish, any_host, "live/room", "cam", ""},
      {"#!::r=live/cam,m=publish,", Mode::publish, any_host, "live", "cam", ""},
      {"#!::u=joe,s=1,t=stream,r=live/cam,m=publish", Mode::publish, any_host, "live", "cam", "?u=joe&s=1&t=stream"},
      // parameters, as SRS has them
      {"#!::r=live/cam,m=publish,token=abc", Mode::publish, any_host, "live", "cam", "?token=abc"},
      {"#!::r=live/cam?token=abc,m=publish", Mode::publish, any_host, "live", "cam", "?token=abc"},
      {"#!::r=live/cam,token=a=b=,m=publish", Mode::publish, any_host, "live", "cam", "?token=a=b="},
      {"#!::r=live/cam?a=1&b=2,m=publish", Mode::publish, any_host, "live", "cam", "?a=1&b=2"},
      {"#!::r=live/cam?vhost=v.net,m=publish", Mode::publish, "v.net", "live", "cam", "?vhost=v.net"},
      // before there was r
      {"#!::h=live/cam,m=publish", Mode::publish, any_host, "live", "cam", ""},
      {"#!::h=v.net/live/cam,m=publish", Mode::publish, "v.net", "live", "cam", ""},
      {"#!::h=live/cam?secret=x,m=publish", Mode::publish, any_host, "live", "cam", "?secret=x"},
      // the last of a key counts
      {"#!::r=live/a,r=live/b,m=request,m=publish", Mode::publish, any_host, "live", "b", ""},
      // MediaMTX
      {"publish:cam", Mode::publish, any_host, "live", "cam", ""},
      {"read:studio/cam", Mode::request, any_host, "studio", "cam", ""},
      {"publish:cam:joe:se cret", Mode::publish, any_host, "live", "cam", "?user=joe&pass=se%20cret"},
      {"publish:cam:joe:s:token=1", Mode::publish, any_host, "live", "cam", "?user=joe&pass=s&token=1"},
      {"publish:cam:token=1", Mode::publish, any_host, "live", "cam", "?token=1"},
      {"publish:cam#feedbackplay", Mode::publish, any_host, "live", "cam", ""},
      // bare names
      {"cam", Mode::request, any_host, "live", "cam", ""},
      {"studio/cam", Mode::request, any_host, "studio", "cam", ""},
      {"live/cam?token=1", Mode::request, any_host, "live", "cam", "?token=1"},
      {"live/cam?vhost=v.net", Mode::request, "v.net", "live", "cam", "?vhost=v.net"},
      // nothing, and what was not decoded on its way
      {"", Mode::request, any_host, "live", "livestream", ""},
      {"%23!::r=live/cam,m=publish", Mode::publish, any_host, "live", "cam", ""},
      {"%23!%3A%3Ar%3Dlive%2Fcam%2Cm%3Dpublish", Mode::publish, any_host, "live", "cam", ""},
  };
  for (const Case& one : cases) {
    INFO(one.text);
    const auto id = srt::parse_stream_id(one.text, {});
    REQUIRE(id.has_value());
    CHECK(id->mode == one.mode);
    CHECK(id->url.vhost == one.vhost);
    CHECK(id->url.app == one.app);
    CHECK(id->url.stream == one.stream);
    CHECK(id->url.param == one.param);
    CHECK(id->url.scheme == "srt");
  }
}

TEST_CASE("what a stream id leaves out comes of the configuration", "[srt]") {
  const srt::StreamIdDefaults defaults{.app = "studio", .stream_id = "publish:door", .mode = Mode::publish};
  const auto bare = srt::parse_stream_id("cam", defaults);
  REQUIRE(bare.has_value());
  CHECK(bare->mode == Mode::publish);
  CHECK(bare->url.app == "studio");
  const auto empty = srt::parse_stream_id("", defaults);
  REQUIRE(empty.has_value());
  CHECK(empty->mode == Mode::publish);
  CHECK(empty->url.stream == "door");
  const auto request = srt::parse_stream_id("#!::r=cam", defaults);  // the mode of the long form is its own
  REQUIRE(request.has_value());
  CHECK(request->mode == Mode::request);
  CHECK_FALSE(srt::parse_stream_id("", {.stream_id = ""}).has_value());
}

TEST_CASE("what no stream id may be is refused with its reason", "[srt]") {
  std::string many = "#!::r=live/cam";
  for (int i = 0; i < 32; ++i) many += ",k" + std::to_string(i) + "=1";
  const std::pair<std::string, Errc> cases[] = {
      {std::string(513, 'a'), Errc::too_long},
      {"#!::r=live/c\x01m", Errc::control_character},
      {std::string("live/c\0m", 8), Errc::control_character},
      {"%23!::r=live/c%00m", Errc::control_character},
      {"#!:{\"r\":\"live/cam\"}", Errc::nested},
      {"#!", Errc::bad_syntax},
      {"#!R=live/cam", Errc::bad_syntax},
      {"publish:a:b:c:d:e", Errc::bad_syntax},
      {"#!::r=live/cam,publish", Errc::bad_pair},
      {"#!::=live/cam", Errc::bad_pair},
      {many, Errc::too_many_keys},
      {"#!::r=live/cam,m=bidirectional", Errc::bad_mode},
      {"#!::r=live/cam,m=", Errc::bad_mode},
      {"#!::m=publish", Errc::no_stream},
      {"#!::r=,m=publish", Errc::no_stream},
      {"#!::", Errc::no_stream},
      {"publish:", Errc::no_stream},
      {"?token=1", Errc::no_stream},
      {"#!::r=live/../cam", Errc::bad_name},
      {"#!::r=../cam", Errc::bad_name},
      {"#!::r=live//cam", Errc::bad_name},
      {"#!::r=live/", Errc::bad_name},
      {"live/cam#x", Errc::bad_name},
      {"#!::r=live/ ", Errc::bad_name},
  };
  for (const auto& [text, why] : cases) {
    INFO(text);
    const auto id = srt::parse_stream_id(text, {});
    REQUIRE_FALSE(id.has_value());
    CHECK(id.error() == why);
  }
  CHECK(srt::parse_stream_id(std::string(512, 'a'), {}).has_value());
}

}  // namespace weir::test::streamid_test
