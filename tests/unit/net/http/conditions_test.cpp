#include "net/http/conditions.h"

#include "support/catch.h"

namespace weir::test::conditions_test {

using namespace weir::http;

namespace {

std::string range(std::string_view value, std::uint64_t size) {
  const RangeRequest result = parse_range(value, size);
  if (result.kind == RangeKind::whole) return "whole";
  if (result.kind == RangeKind::unsatisfiable) return "416";
  return std::to_string(result.range.first) + "+" + std::to_string(result.range.size);
}

const Validators file{"\"abc\"", 784111777};  // Sun, 06 Nov 1994 08:49:37 GMT

int status(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  return evaluate_conditions(Headers(fields), file);
}

}  // namespace

TEST_CASE("byte ranges of RFC 9110 14.1.2", "[http]") {
  CHECK(range("bytes=0-499", 10000) == "0+500");
  CHECK(range("bytes=500-999", 10000) == "500+500");
  CHECK(range("bytes=-500", 10000) == "9500+500");
  CHECK(range("bytes=9500-", 10000) == "9500+500");
  CHECK(range("bytes=0-0", 10000) == "0+1");
  CHECK(range("Bytes = 0-1 ", 10000) == "0+2");
  CHECK(range("bytes=0-99999", 10000) == "0+10000");
  CHECK(range("bytes=-99999", 10000) == "0+10000");
  CHECK(range("bytes=10000-", 10000) == "416");
  CHECK(range("bytes=10000-10001", 10000) == "416");
  CHECK(range("bytes=-0", 10000) == "416");
  CHECK(range("bytes=0-", 0) == "416");
  CHECK(range("bytes=-5", 0) == "416");
  CHECK(range("bytes=99999999999999999999999-", 10000) == "416");
  CHECK(range("bytes=5-99999999999999999999999", 10000) == "5+9995");
  // Malformed, several, or another unit: as if absent (14.2).
  for (const char* other : {"", "bytes", "bytes=", "bytes=-", "bytes=5-1", "bytes=a-b", "bytes=0-1,3-4", "items=0-1",
                            "bytes=--5", "bytes=1", "bytes=0x1-2", "bytes=+1-2", "bytes=- 5"}) {
    INFO(other);
    CHECK(range(other, 10000) == "whole");
  }
}

TEST_CASE("dates of RFC 9110 5.6.7", "[http]") {
  CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK_FALSE(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMTx"));
  CHECK_FALSE(parse_http_date("yesterday"));
  CHECK_FALSE(parse_http_date(""));
}

TEST_CASE("conditions in the order of RFC 9110 13.2.2", "[http]") {
  CHECK(status({}) == 200);
  CHECK(status({{"If-None-Match", "\"abc\""}}) == 304);
  CHECK(status({{"If-None-Match", "W/\"abc\""}}) == 304);  // compared weakly
  CHECK(status({{"If-None-Match", "\"x\", \"abc\""}}) == 304);
  CHECK(status({{"If-None-Match", "*"}}) == 304);
  CHECK(status({{"If-None-Match", "\"x\""}}) == 200);
  CHECK(status({{"If-None-Match", "abc"}}) == 200);
  CHECK(status({{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}) == 304);
  CHECK(status({{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}) == 200);
  CHECK(status({{"If-Modified-Since", "nonsense"}}) == 200);
  CHECK(status({{"If-None-Match", "\"x\""}, {"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}) == 200);
  CHECK(status({{"If-Match", "\"abc\""}}) == 200);
  CHECK(status({{"If-Match", "W/\"abc\""}}) == 412);  // compared strongly
  CHECK(status({{"If-Match", "*"}}) == 200);
  CHECK(status({{"If-Match", "\"x\""}}) == 412);
  CHECK(status({{"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}) == 412);
  CHECK(status({{"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}) == 200);
}

TEST_CASE("If-Range of RFC 9110 13.1.5", "[http]") {
  CHECK(range_applies(Headers{}, file));
  CHECK(range_applies(Headers{{"If-Range", "\"abc\""}}, file));
  CHECK_FALSE(range_applies(Headers{{"If-Range", "W/\"abc\""}}, file));
  CHECK_FALSE(range_applies(Headers{{"If-Range", "\"x\""}}, file));
  CHECK(range_applies(Headers{{"If-Range", "Sun, 06 Nov 1994 08:49:37 GMT"}}, file));
  CHECK_FALSE(range_applies(Headers{{"If-Range", "Sun, 06 Nov 1994 08:49:38 GMT"}}, file));
}

}  // namespace weir::test::conditions_test
