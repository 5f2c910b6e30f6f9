#include "proto/sdp/parameter_sets.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::parameter_sets_test {

TEST_CASE("parameter sets stand in fmtp as base64", "[sdp]") {
  const auto avc = sdp::parameter_sets("packetization-mode=1; sprop-parameter-sets=Z0LAIA==,aM4PyIA=;level=3");
  REQUIRE(avc.size() == 2);
  CHECK(test::hex(avc[0]) == "6742c020");
  CHECK(test::hex(avc[1]) == "68ce0fc880");
  const auto hevc = sdp::parameter_sets("sprop-sps=QgE;SPROP-VPS=QAEM;sprop-pps=RAHA");
  REQUIRE(hevc.size() == 3);
  CHECK(test::hex(hevc[0]) == "40010c");
  CHECK(test::hex(hevc[1]) == "4201");
  CHECK(test::hex(hevc[2]) == "4401c0");
}

TEST_CASE("what is no base64, and what is too much, is left out", "[sdp]") {
  CHECK(sdp::parameter_sets("").empty());
  CHECK(sdp::parameter_sets("sprop-parameter-sets=,,=,====").empty());
  CHECK(sdp::parameter_sets("sprop-parameter-sets=Z0L!,@@@@").empty());
  std::string many = "sprop-parameter-sets=Z0LA";
  for (int i = 0; i < 1000; ++i) many += ",Z0LA";
  CHECK(sdp::parameter_sets(many).size() == 16);
}

}  // namespace weir::test::parameter_sets_test
