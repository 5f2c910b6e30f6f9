#include "net/multicast.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <fstream>

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

TEST_CASE("a group that was forgotten is joined again, and one that was not stays", "[udp]") {
  // RFC 3376 in Linux: an address as a number in its own order of bytes
  const auto is_member = [] {
    std::ifstream groups("/proc/net/igmp");
    const std::string text{std::istreambuf_iterator<char>(groups), {}};
    return text.find("040301EF") != std::string::npos;
  };
  const UdpAddress group = *net::udp_address("239.1.3.4", 0);
  const auto sockets = net::UdpSocket::open({"239.1.3.4", 0}, 1);
  REQUIRE(sockets.has_value());
  const int descriptor = sockets->front().descriptor();
  REQUIRE(net::join_group(descriptor, group, "lo", {}).has_value());
  REQUIRE(is_member());
  REQUIRE(net::rejoin_group(descriptor, group, "lo", {}).has_value());
  CHECK(is_member());
  ip_mreqn request{};
  request.imr_multiaddr.s_addr = ::inet_addr("239.1.3.4");
  request.imr_ifindex = static_cast<int>(::if_nametoindex("lo"));
  REQUIRE(::setsockopt(descriptor, IPPROTO_IP, IP_DROP_MEMBERSHIP, &request, sizeof request) == 0);
  REQUIRE_FALSE(is_member());
  REQUIRE(net::rejoin_group(descriptor, group, "lo", {}).has_value());
  CHECK(is_member());
  CHECK_FALSE(net::rejoin_group(descriptor, group, "no-such-interface", {}).has_value());
  const auto source = net::udp_address("127.0.0.9", 0);
  const auto other = net::UdpSocket::open({"239.1.3.4", 0}, 1);
  REQUIRE(net::join_group(other->front().descriptor(), group, "lo", source).has_value());
  CHECK(net::rejoin_group(other->front().descriptor(), group, "lo", source).has_value());
}

}  // namespace weir::test::multicast_test
