#include "base/url.h"

#include "support/catch.h"

namespace weir::test::url_test {

using namespace weir::base;

TEST_CASE("the parts of a URL", "[base]") {
  const auto url = parse_url("RTMP://me:secret@host.example:1935/app/inst/stream?a=1&b#f").value();
  CHECK(url.scheme == "rtmp");
  CHECK(url.user == "me:secret");
  CHECK(url.host == "host.example");
  CHECK(url.port == 1935);
  CHECK(url.path == "/app/inst/stream");
  CHECK(url.query == "a=1&b");
  CHECK(url.fragment == "f");
}

TEST_CASE("a URL may be no more than scheme and host", "[base]") {
  const auto url = parse_url("http://host").value();
  CHECK(url.host == "host");
  CHECK(url.port == 0);
  CHECK(url.path.empty());
  CHECK(parse_url("http://host?x=1").value().query == "x=1");
}

TEST_CASE("IPv6 hosts stand in brackets", "[base]") {
  const auto url = parse_url("http://[2001:db8::1]:8080/x").value();
  CHECK(url.host == "2001:db8::1");
  CHECK(url.port == 8080);
  CHECK(format_host_port("2001:db8::1", 8080) == "[2001:db8::1]:8080");
  CHECK(format_host_port("host", 0) == "host");
  CHECK(parse_host_port("[::1]").value() == std::pair<std::string, std::uint16_t>("::1", 0));
}

TEST_CASE("what is wrong with a URL is told", "[base]") {
  CHECK(parse_url("host/path").error() == UrlErrc::no_scheme);
  CHECK(parse_url("://host").error() == UrlErrc::no_scheme);
  CHECK(parse_url("http:///path").error() == UrlErrc::no_host);
  CHECK(parse_url("http://host:0/").error() == UrlErrc::bad_port);
  CHECK(parse_url("http://host:65536/").error() == UrlErrc::bad_port);
  CHECK(parse_url("http://host:/").error() == UrlErrc::bad_port);
  CHECK(parse_url("http://[::1/").error() == UrlErrc::bad_address);
  CHECK(parse_url("http://[::1]x/").error() == UrlErrc::bad_address);
  CHECK(parse_url("http://ho\nst/").error() == UrlErrc::control_character);
  CHECK(parse_url("http://h/" + std::string(9000, 'a')).error() == UrlErrc::too_long);
}

TEST_CASE("percent encoding goes both ways and broken escapes stay", "[base]") {
  CHECK(percent_decode("a%20b%2Fc%zz%4") == "a b/c%zz%4");
  CHECK(percent_encode("a b/c~") == "a%20b%2Fc~");
  CHECK(percent_decode(percent_encode("\xff\x01?&=")) == "\xff\x01?&=");
}

TEST_CASE("query parameters are decoded and kept in order", "[base]") {
  const auto parameters = parse_query("a=1&b=x+y%26z&&c&a=2");
  REQUIRE(parameters.size() == 4);
  CHECK(find_parameter(parameters, "a") == "1");
  CHECK(find_parameter(parameters, "b") == "x y&z");
  CHECK(find_parameter(parameters, "c").empty());
  CHECK(parameters[3].second == "2");
}

}  // namespace weir::test::url_test
