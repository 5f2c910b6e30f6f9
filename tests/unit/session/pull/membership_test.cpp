#include "session/pull/membership.h"

#include "support/catch.h"

namespace weir::test::membership_test {

using namespace std::chrono_literals;
using session::pull::Membership;
using Again = session::pull::Membership::Again;

TEST_CASE("a group is joined again as often as was asked for, whatever comes", "[udp]") {
  Membership membership(60s);
  CHECK(membership.interval() == 60s);
  membership.heard();
  CHECK(membership.look() == Again::due);
  CHECK(membership.look() == Again::due);
  CHECK(membership.times() == 2);
}

TEST_CASE("unasked, a group is joined again where nothing comes, and not before", "[udp]") {
  Membership membership(std::nullopt);
  CHECK(membership.interval() == Membership::silence);
  membership.heard();
  CHECK(membership.look() == Again::no);
  CHECK(membership.look() == Again::for_silence);
  CHECK(membership.look() == Again::for_silence);
  membership.heard();
  CHECK(membership.look() == Again::no);
  CHECK(membership.times() == 2);
}

TEST_CASE("with zero a group need not be asked for", "[udp]") { CHECK(Membership(0s).interval() == 0s); }

}  // namespace weir::test::membership_test
