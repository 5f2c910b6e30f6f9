#include "session/webrtc/first_checks.h"

#include "support/catch.h"

namespace weir::test::first_checks_test {

using session::webrtc::FirstChecks;
using session::webrtc::SessionNumber;

namespace {

net::UdpAddress address(unsigned number) {
  return *net::udp_address("192.0.2.1", static_cast<std::uint16_t>(1000 + number));
}
FirstChecks::Place place(unsigned number) { return {base::WorkerIndex{1}, SessionNumber{number}}; }

}  // namespace

TEST_CASE("what a peer says behind its first check is its session's", "[webrtc]") {
  FirstChecks checks;
  CHECK_FALSE(checks.find({}).has_value());
  CHECK_FALSE(checks.find(address(1)).has_value());
  checks.note(address(1), place(7));
  REQUIRE(checks.find(address(1)).has_value());
  CHECK(checks.find(address(1))->number == SessionNumber{7});
  CHECK(checks.find(address(1))->worker == base::WorkerIndex{1});
  CHECK_FALSE(checks.find(address(2)).has_value());
  checks.note(address(1), place(8));  // its socket serves another session now
  CHECK(checks.find(address(1))->number == SessionNumber{8});
}

TEST_CASE("the oldest of many first checks are forgotten", "[webrtc]") {
  FirstChecks checks;
  for (unsigned i = 0; i < FirstChecks::most + 1; ++i) checks.note(address(i), place(i));
  CHECK_FALSE(checks.find(address(0)).has_value());
  CHECK(checks.find(address(1)).has_value());
  CHECK(checks.find(address(FirstChecks::most)).has_value());
  for (unsigned i = 0; i < 3 * FirstChecks::most; ++i) checks.note(address(5), place(5));  // a peer repeats its own
  CHECK(checks.find(address(1)).has_value());
}

}  // namespace weir::test::first_checks_test
