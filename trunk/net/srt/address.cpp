#include "net/srt/address.h"

#include <netinet/in.h>

#include <cstring>

namespace weir::net {
namespace ip = boost::asio::ip;

Peer srt_peer(const sockaddr* address) {
  sockaddr_storage storage{};
  const std::size_t size = address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  std::memcpy(&storage, address, size);
  return srt_peer(storage);
}

Peer srt_peer(const sockaddr_storage& address) {
  ip::udp::endpoint endpoint;
  if (address.ss_family == AF_INET6) endpoint = ip::udp::endpoint(ip::udp::v6(), 0);
  std::memcpy(endpoint.data(), &address, endpoint.size());
  ip::address host = endpoint.address();
  if (host.is_v6() && host.to_v6().is_v4_mapped()) host = ip::make_address_v4(ip::v4_mapped, host.to_v6());
  return {host.to_string(), endpoint.port()};
}

base::Result<ip::udp::endpoint> srt_endpoint(const ListenAddress& address) {
  if (address.host.empty()) return ip::udp::endpoint(ip::udp::v4(), address.port);
  boost::system::error_code error;
  const auto host = ip::make_address(address.host, error);
  if (error) return error;
  return ip::udp::endpoint(host, address.port);
}

}  // namespace weir::net
