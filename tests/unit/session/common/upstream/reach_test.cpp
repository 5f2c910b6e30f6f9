#include "session/common/upstream/reach.h"

#include "support/catch.h"

namespace weir::test::reach_test {

using session::upstream::may_lead;
using session::upstream::Reach;
using session::upstream::reach_of;

TEST_CASE("where an address lies", "[upstream]") {
  for (const char* text : {"8.8.8.8", "2001:4860:4860::8888", "172.32.0.1", "11.0.0.1"})
    CHECK(reach_of(text) == Reach::open);
  for (const char* text : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd00::1"}) {
    CHECK(reach_of(text) == Reach::shared);
  }
  for (const char* text : {"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "", "localhost"}) {
    CHECK(reach_of(text) == Reach::loopback);
  }
  for (const char* text : {"169.254.169.254", "fe80::1", "::ffff:169.254.169.254"}) {
    CHECK(reach_of(text) == Reach::link_local);
  }
}

TEST_CASE("another server leads into no network but its own", "[upstream]") {
  using enum Reach;
  for (const Reach from : {open, shared, link_local, loopback}) {
    CHECK(may_lead(from, open));
    CHECK(may_lead(from, from));
  }
  for (const Reach to : {shared, link_local, loopback}) CHECK_FALSE(may_lead(open, to));
  CHECK_FALSE(may_lead(shared, loopback));
  CHECK_FALSE(may_lead(shared, link_local));
  CHECK(may_lead(loopback, shared));
  CHECK_FALSE(may_lead(loopback, link_local));
}

}  // namespace weir::test::reach_test
