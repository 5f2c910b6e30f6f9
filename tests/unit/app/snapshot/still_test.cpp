#include "app/snapshot/still.h"

#include "app/snapshot/error.h"
#include "support/catch.h"

namespace weir::test::still_test {

TEST_CASE("the program is told how wide the picture is, if it is to be another", "[snapshot]") {
  config::Snapshot settings;
  settings.ffmpeg = "/opt/ff mpeg";
  const auto plain = snapshot::words_of(settings);
  CHECK(plain.front() == "/opt/ff mpeg");
  CHECK(plain.back() == "pipe:1");
  CHECK(std::find(plain.begin(), plain.end(), "-vf") == plain.end());
  settings.width = 640;
  const auto scaled = snapshot::words_of(settings);
  const auto filter = std::find(scaled.begin(), scaled.end(), "-vf");
  REQUIRE(filter != scaled.end());
  CHECK(*std::next(filter) == "scale=640:-2");
}

TEST_CASE("there is no picture of what is not there", "[snapshot]") {
  const auto still = snapshot::still_of(nullptr);
  REQUIRE_FALSE(still.has_value());
  CHECK(still.error() == snapshot::Errc::no_stream);
}

}  // namespace weir::test::still_test
