#include "net/multicast.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "net/udp_sockaddr.h"

namespace weir::net {

using base::ErrorCode;
using base::Result;

namespace {

// 0: there is none.
unsigned interface_with(const UdpAddress& address) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return 0;
  unsigned index = 0;
  for (const ifaddrs* one = list; one && index == 0; one = one->ifa_next) {
    if (!one->ifa_addr || one->ifa_addr->sa_family != (address.v6 ? AF_INET6 : AF_INET)) continue;
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ifa_addr, address.v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    UdpAddress found = from_sockaddr(storage);
    found.scope = address.scope;
    found.port = address.port;
    if (found == address) index = ::if_nametoindex(one->ifa_name);
  }
  ::freeifaddrs(list);
  return index;
}

Result<unsigned> interface_index(const std::string& interface) {
  if (interface.empty()) return 0U;
  unsigned index = 0;
  const char* const end = interface.data() + interface.size();
  if (const auto [at, error] = std::from_chars(interface.data(), end, index); error == std::errc() && at == end) {
    return index;
  }
  const auto address = udp_address(interface, 0);
  index = address ? interface_with(*address) : ::if_nametoindex(interface.c_str());
  if (index == 0) return boost::system::errc::make_error_code(boost::system::errc::no_such_device);
  return index;
}

Result<void> set_membership(int descriptor, unsigned index, const UdpAddress& group,
                            const std::optional<UdpAddress>& source, bool joins) {
  const int level = group.v6 ? IPPROTO_IPV6 : IPPROTO_IP;
  const SocketAddress of_group(group);
  int done = 0;
  if (source) {
    const SocketAddress of_source(*source);
    group_source_req request{};
    request.gsr_interface = index;
    std::memcpy(&request.gsr_group, of_group.get(), of_group.size());
    std::memcpy(&request.gsr_source, of_source.get(), of_source.size());
    const int option = joins ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP;
    done = ::setsockopt(descriptor, level, option, &request, sizeof request);
  } else {
    group_req request{};
    request.gr_interface = index;
    std::memcpy(&request.gr_group, of_group.get(), of_group.size());
    done = ::setsockopt(descriptor, level, joins ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP, &request, sizeof request);
  }
  if (done != 0) return ErrorCode(errno, boost::system::system_category());
  return {};
}

}  // namespace

bool is_multicast(const UdpAddress& address) {
  return address.v6 ? address.bytes[0] == 0xff : address.bytes[0] >= 224 && address.bytes[0] < 240;
}

Result<void> join_group(int descriptor, const UdpAddress& group, const std::string& interface,
                        const std::optional<UdpAddress>& source) {
  TRY(const unsigned index, interface_index(interface));
  return set_membership(descriptor, index, group, source, true);
}

Result<void> rejoin_group(int descriptor, const UdpAddress& group, const std::string& interface,
                          const std::optional<UdpAddress>& source) {
  TRY(const unsigned index, interface_index(interface));
  // An interface that went and came has lost the membership already.
  (void)set_membership(descriptor, index, group, source, false);
  return set_membership(descriptor, index, group, source, true);
}

Result<void> send_over(int descriptor, const UdpAddress& to, const std::string& interface, unsigned hops) {
  const int level = to.v6 ? IPPROTO_IPV6 : IPPROTO_IP;
  const bool group = is_multicast(to);
  const auto set = [&](int option, const auto& value) -> Result<void> {
    if (::setsockopt(descriptor, level, option, &value, sizeof value) == 0) return {};
    return ErrorCode(errno, boost::system::system_category());
  };
  if (hops != 0) {
    const int unicast = to.v6 ? IPV6_UNICAST_HOPS : IP_TTL, multicast = to.v6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL;
    TRY_VOID(set(group ? multicast : unicast, static_cast<int>(hops)));
  }
  TRY(const unsigned index, interface_index(interface));
  if (index == 0) return {};
  if (group && to.v6) return set(IPV6_MULTICAST_IF, static_cast<int>(index));
  if (group) {
    ip_mreqn request{};
    request.imr_ifindex = static_cast<int>(index);
    return set(IP_MULTICAST_IF, request);
  }
  // Both take the index in network order.
  return set(to.v6 ? IPV6_UNICAST_IF : IP_UNICAST_IF, htonl(index));
}

}  // namespace weir::net
