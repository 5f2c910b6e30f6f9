#include "net/multicast.h"

#include "net/udp_port.h"
#include "support/catch.h"

namespace weir::test::multicast_test {

using net::UdpAddress;

TEST_CASE("groups are known by their address", "[udp]") {
  for (const char* group : {"224.0.0.1", "239.255.255.255", "ff02::1"})
    CHECK(net::is_multicast(*net::udp_address(group, 1)));
  for (const char* other : {"223.255.255.255", "240.0.0.1", "127.0.0.1", "::1", "fe80::1"}) {
    CHECK_FALSE(net::is_multicast(*net::udp_address(other, 1)));
  }
}

TEST_CASE("a group is joined on an interface by its name, number or address", "[udp]") {
  const UdpAddress group = *net::udp_address("239.1.2.3", 0);
  const auto join = [&](const std::string& interface, const std::optional<UdpAddress>& source = {}) {
    const auto sockets = net::UdpSocket::open({"239.1.2.3", 0}, 1);
    REQUIRE(sockets.has_value());
    return net::join_group(sockets->front().descriptor(), group, interface, source).has_value();
  };
  CHECK(join("lo"));
  CHECK(join("1"));
  CHECK(join("127.0.0.1"));
  CHECK(join("lo", net::udp_address("127.0.0.9", 0)));
  CHECK_FALSE(join("no-such-interface"));
  CHECK_FALSE(join("192.0.2.77"));
}

}  // namespace weir::test::multicast_test
