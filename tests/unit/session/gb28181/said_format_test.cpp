#include "session/gb28181/said_format.h"

#include "support/catch.h"

namespace weir::test::said_format_test {

using session::gb28181::said_format;

TEST_CASE("what a device says of its stream is read, and what is none is left out", "[gb28181]") {
  // GB/T 28181-2016 annex F: codec, size, pictures a second, kind of rate, kb/s; codec, rate, sampling.
  CHECK(said_format("v/2/5/25/1/4096a/1/8/1") == "H.264 720P 25 fps 4096 kb/s CBR, G.711 64 kb/s 8 kHz");
  CHECK(said_format(" v/3/6/30/2/8000a///\r") == "SVAC 1080P 30 fps 8000 kb/s VBR");
  CHECK(said_format("v/2/5///a/1//1") == "H.264 720P, G.711 8 kHz");
  CHECK(said_format("v/////a/4/4/3") == "G.722.1 16 kb/s 16 kHz");
  // As many devices write it.
  CHECK(said_format("v/0/0/0/0/0a/0/0/0").empty());
  CHECK(said_format("").empty());
  CHECK(said_format("v").empty());
  CHECK(said_format("v/").empty());
  CHECK(said_format("v/a/").empty());
  CHECK(said_format("v/2aaaa").substr(0, 5) == "H.264");
  // Of no standard: numbers without a name, beyond what may be, and text.
  CHECK(said_format("v/99/7/100/3/100001a/9/9/9").empty());
  CHECK(said_format("v/<b>/-1/18446744073709551616/x/ya/\"/1e1/0x1").empty());
  CHECK(said_format("v/2/" + std::string(1'000, '/')).empty());
}

}  // namespace weir::test::said_format_test
