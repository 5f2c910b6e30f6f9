#include "session/common/upstream/fetcher.h"

#include "session/pull/rtmp.h"
#include "support/catch.h"

namespace weir::test::fetcher_test {

using session::upstream::Errc;
using session::upstream::Place;
using session::upstream::Schemes;

TEST_CASE("a URL is read by who knows its scheme", "[upstream]") {
  std::string read;
  const auto reads = [&read](const std::string& name) {
    return [&read, name](const std::string& url) -> base::Result<Place> {
      read = name + " reads " + url;
      return Place{.fetcher = {}, .shown = name, .secrets = {}};
    };
  };
  const Schemes schemes({{"one", reads("first")}, {"ones", reads("second")}});
  CHECK(schemes.place_of("one://a/b?c=d")->shown == "first");
  CHECK(read == "first reads one://a/b?c=d");
  CHECK(schemes.place_of("ONES:x")->shown == "second");
  for (const char* other : {"", "on://a", "onesie://a", "://a", "/etc/passwd"}) {
    INFO(other);
    CHECK(schemes.place_of(other).error() == Errc::unknown_scheme);
  }
}

TEST_CASE("keys and parameters of an RTMP source are secrets", "[upstream]") {
  const auto place = session::pull::rtmp_place_of("rtmps://a:443/live/key?token=t");
  REQUIRE(place.has_value());
  CHECK(place->shown == "rtmps://a:443/live/***");
  CHECK(place->secrets == std::vector<std::string>{"key", "token=t"});
  for (const char* bad : {"rtmp://", "rtmp:///live/key", "http://a/live/key"}) {
    INFO(bad);
    CHECK_FALSE(session::pull::rtmp_place_of(bad).has_value());
  }
}

}  // namespace weir::test::fetcher_test
