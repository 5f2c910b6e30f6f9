#include "proto/stream_url.h"

#include "base/url.h"
#include "support/catch.h"

namespace weir::test::stream_url_test {

using proto::parse_stream_url;

namespace {

struct Case {
  const char* tc_url;
  const char* stream;
  const char* vhost;
  const char* app;
  const char* name;
  const char* param;
};

}  // namespace

TEST_CASE("where clients put the virtual host, the application, the stream and its parameters", "[stream_url]") {
  const Case cases[] = {
      {"rtmp://h/live", "livestream", "h", "live", "livestream", ""},
      {"rtmp://h:1935/live/", "livestream", "h", "live", "livestream", ""},
      {"rtmp://h/app/inst", "s", "h", "app/inst", "s", ""},
      {"rtmp://h/live", "a/b", "h", "live/a", "b", ""},
      // in the stream name, as ffmpeg and OBS do
      {"rtmp://h/live", "s?vhost=v&token=1", "v", "live", "s", "?vhost=v&token=1"},
      {"rtmp://h/live", "s?path=a/b", "h", "live", "s", "?path=a/b"},
      // in tcUrl, as FMLE does
      {"rtmp://h/live?vhost=v", "s", "v", "live", "s", "?vhost=v"},
      {"rtmp://h/live?vhost=v", "s?token=1", "v", "live", "s", "?token=1&vhost=v"},
      {"rtmp://h/live#f", "s", "h", "live", "s", "#f"},
      // the form for clients that cannot write a question mark
      {"rtmp://h/live...vhost...v", "s", "v", "live", "s", "?vhost=v"},
      {"rtmp://h/live", "s...vhost...v", "v", "live", "s", "?vhost=v"},
      {"rtmp://h/live/_definst_", "s", "h", "live", "s", ""},
      {"rtmp://h/live/_definst_?vhost=v", "s", "v", "live", "s", "?vhost=v"},
      // domain is another name for it; the default one asks for nothing
      {"rtmp://h/live", "s?domain=v", "v", "live", "s", "?domain=v"},
      {"rtmp://h/live", "s?vhost=__defaultVhost__", "h", "live", "s", ""},
      {"rtmp://h/live", "s?vhost=__defaultVhost__&a=1", "h", "live", "s", "?vhost=__defaultVhost__&a=1"},
      // no stream name: guessed from the application, or from behind the parameters
      {"rtmp://h/live/livestream", "", "h", "live", "livestream", ""},
      {"rtmp://h/live?vhost=v/livestream", "", "v", "live", "livestream", "?vhost=v"},
      {"rtmp://h/live", "", "h", "live", "", ""},
      // no application
      {"rtmp://h", "s", "h", "__defaultApp__", "s", ""},
      {"rtmp://h/", "s", "h", "__defaultApp__", "s", ""},
      // what does not belong in a name
      {"rtmp://h/ live\t/", " live\r\nstream/", "h", "live", "livestream", ""},
      {"rtmp://h/live ", " stream?a=1\r\n", "h", "live", "stream", "?a=1"},
      // a name is all of it
      {"rtmp://h/live", "192.168.1.10", "h", "live", "192.168.1.10", ""},
      {"rtmp://h/live", "front door", "h", "live", "front door", ""},
      {"rtmp://h/my app", "a..b", "h", "my app", "a..b", ""},
      {"rtmp://h/live", "50%25", "h", "live", "50%25", ""},
      {"rtmp://h/live", "/s", "h", "live", "s", ""},
      {"rtmp://h/live//x/", "//s", "h", "live/x", "s", ""},
      {"rtmp://h/live//x", "", "h", "live", "x", ""},
      {"rtmp://[2001:db8::1]:1935/live", "s", "2001:db8::1", "live", "s", ""},
  };
  for (const Case& c : cases) {
    INFO(c.tc_url << " + " << c.stream);
    const auto url = parse_stream_url(c.tc_url, c.stream);
    REQUIRE(url.has_value());
    CHECK(url->vhost == c.vhost);
    CHECK(url->app == c.app);
    CHECK(url->stream == c.name);
    CHECK(url->param == c.param);
  }
}

TEST_CASE("a tcUrl that is none is refused", "[stream_url]") {
  CHECK(parse_stream_url("", "s").error() == base::UrlErrc::no_scheme);
  CHECK(parse_stream_url("live", "s").error() == base::UrlErrc::no_scheme);
  CHECK(parse_stream_url("rtmp:///live", "s").error() == base::UrlErrc::no_host);
  CHECK(parse_stream_url("rtmp://h:99999/live", "s").error() == base::UrlErrc::bad_port);
}

TEST_CASE("HTTP players name a stream by path, Host and query", "[stream_url]") {
  const auto url = proto::parse_http_stream_url("http", "h:8080", "/live/my%20stream.flv?vhost=v&t=1").value();
  CHECK(url.scheme == "http");
  CHECK(url.host == "h");
  CHECK(url.port == 8080);
  CHECK(url.vhost == "v");
  CHECK(url.app == "live");
  CHECK(url.stream == "my stream.flv");
  CHECK(url.param == "?vhost=v&t=1");
  CHECK(proto::parse_http_stream_url("http", "", "/live/s.flv").value().vhost.empty());
  CHECK(proto::parse_http_stream_url("http", "h:x", "/live/s.flv").has_error());
}

TEST_CASE("only the extensions of our formats are none of a stream's name", "[stream_url]") {
  const char* const whole[] = {"192.168.1.10", "cam.front", "a..b",  "..",  ".flv", "v1.2.3",
                               "cam.",         "x.ts2",     "x.FLV", "flv", ""};
  for (const char* name : whole) CHECK(proto::without_extension(name) == name);
  const char* const cut[] = {"cam.flv",  "cam.ts",  "cam.mp4",    "cam.aac",         "cam.mp3",
                             "cam.m3u8", "cam.mpd", "cam.ts.flv", "cam.mp4.mp4.m3u8"};
  for (const char* name : cut) CHECK(proto::without_extension(name) == "cam");
  CHECK(proto::without_extension("192.168.1.10.flv") == "192.168.1.10");
  CHECK(proto::without_extension("cam.front.m3u8") == "cam.front");
  CHECK(proto::without_extension(".flv.flv") == ".flv");
}

TEST_CASE("a name that would say something else in another URL is refused", "[stream_url]") {
  const auto http = [](const char* target, const char* host = "h") {
    return proto::parse_http_stream_url("http", host, target);
  };
  CHECK(http("/x%3Fvhost=secure.example.com/cam.flv").error() == proto::UrlErrc::bad_name);
  CHECK(http("/live/cam%23a.flv").error() == proto::UrlErrc::bad_name);
  CHECK(http("/live/cam%00.flv").error() == proto::UrlErrc::bad_name);
  CHECK(parse_stream_url("rtmp://h/live", std::string("a\x01z")).error() == proto::UrlErrc::bad_name);
  CHECK(http("/live/cam.flv?vhost=/api/v1").error() == proto::UrlErrc::bad_vhost);
  CHECK(http("/live/cam.flv?domain=a%20b%0d").value().vhost == "ab");
  CHECK(parse_stream_url("rtmp://h/live", "cam?vhost=a\"b").error() == proto::UrlErrc::bad_vhost);
  CHECK(parse_stream_url("rtmp://h/live", "a\"b<script>").has_value());
}

TEST_CASE("a name that RTMP or a folder reads otherwise is refused, however it came", "[stream_url]") {
  using proto::UrlErrc;
  const auto http = [](const char* target) { return proto::parse_http_stream_url("http", "h", target); };
  CHECK(http("/live...vhost...secure.example.com/cam.flv").error() == UrlErrc::reads_otherwise);
  CHECK(http("/live/cam...vhost...secure.example.com.flv").error() == UrlErrc::reads_otherwise);
  CHECK(http("/live%2e..vhost...secure.example.com/cam.flv").error() == UrlErrc::reads_otherwise);
  // what is left out makes none of what is left
  CHECK(http("/live...vh/_definst_ost...secure/cam.flv").error() == UrlErrc::reads_otherwise);
  CHECK(http("/live/_def/_definst_inst_/cam.flv").error() == UrlErrc::reads_otherwise);
  CHECK(parse_stream_url("rtmp://h/live...vh/_definst_ost...secure", "cam").error() == UrlErrc::reads_otherwise);
  CHECK(parse_stream_url("rtmp://h/live/_def/_definst_inst_", "cam").error() == UrlErrc::reads_otherwise);
  CHECK(parse_stream_url("rtmp://h/live...vhost...v", "cam").value().vhost == "v");
  for (const char* tc_url : {"rtmp://h/live/../..", "rtmp://h/..", "rtmp://h/live/./x", "rtmp://h/."}) {
    INFO(tc_url);
    CHECK(parse_stream_url(tc_url, "cam").error() == UrlErrc::leaves_folder);
  }
  for (const char* stream : {"..", ".", "../x", "...flv", "..flv.ts", "a/../b"}) {
    INFO(stream);
    CHECK(parse_stream_url("rtmp://h/live", stream).error() == UrlErrc::leaves_folder);
  }
  CHECK(http("/live/%2e%2e/cam.flv").error() == UrlErrc::leaves_folder);
  for (const char* stream : {"a..b", ".hidden", "...", "trailing.", "..x", "a.."}) {
    INFO(stream);
    CHECK(parse_stream_url("rtmp://h/live", stream).value().stream == stream);
  }
}

TEST_CASE("an address that was made of names means them, or it is told", "[stream_url]") {
  CHECK(proto::means("rtmp://127.0.0.1:1935/live/cam", proto::default_vhost, "live", "cam"));
  CHECK(proto::means("rtmp://127.0.0.1/live?vhost=__defaultVhost__/cam", proto::default_vhost, "live", "cam"));
  CHECK(proto::means("rtmp://127.0.0.1/a/b?vhost=v.example/c?d&e", "v.example", "a/b", "c?d&e") == false);
  CHECK(proto::means("rtmp://127.0.0.1/a/b?vhost=v.example/cam", "v.example", "a/b", "cam"));
  CHECK_FALSE(proto::means("rtmp://127.0.0.1/live...vhost...v/cam", proto::default_vhost, "live...vhost...v", "cam"));
  CHECK_FALSE(proto::means("rtmp://127.0.0.1/live/_definst_/cam", proto::default_vhost, "live/_definst_", "cam"));
  CHECK_FALSE(proto::means("rtmp://127.0.0.1/live/../cam", proto::default_vhost, "live/..", "cam"));
}

TEST_CASE("a stream URL is written as a client sends it", "[stream_url]") {
  auto url = parse_stream_url("rtmp://[::1]:1936/live?vhost=v", "s").value();
  CHECK(proto::tc_url_of(url) == "rtmp://[::1]:1936/live");
  CHECK(proto::stream_name_of(url) == "s?vhost=v");
}

}  // namespace weir::test::stream_url_test
