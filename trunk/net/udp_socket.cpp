#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/udp_port.h"
#include "net/udp_sockaddr.h"

namespace weir::net {

using base::ErrorCode;
using base::Result;

namespace {

void enable(int descriptor, int level, int option) {
  const int on = 1;
  ::setsockopt(descriptor, level, option, &on, sizeof on);
}

std::size_t buffer_of(int descriptor, int option) {
  int bytes = 0;
  socklen_t size = sizeof bytes;
  ::getsockopt(descriptor, SOL_SOCKET, option, &bytes, &size);
  return static_cast<std::size_t>(bytes);
}

Result<int> bind_to(const UdpAddress& address, bool share) {
  const int descriptor = ::socket(address.v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return base::last_error();
  if (share) enable(descriptor, SOL_SOCKET, SO_REUSEPORT);
  if (address.v6) {
    enable(descriptor, IPPROTO_IPV6, IPV6_V6ONLY);
    enable(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO);
  } else {
    enable(descriptor, IPPROTO_IP, IP_PKTINFO);
  }
  enable(descriptor, SOL_SOCKET, SO_RXQ_OVFL);
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &UdpSocket::buffer_asked, sizeof UdpSocket::buffer_asked);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &UdpSocket::buffer_asked, sizeof UdpSocket::buffer_asked);
  const SocketAddress bound(address);
  if (::bind(descriptor, bound.get(), bound.size()) != 0) {
    const ErrorCode error = base::last_error();
    ::close(descriptor);
    return error;
  }
  return descriptor;
}

UdpAddress bound_address(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
  return from_sockaddr(storage);
}

}  // namespace

SocketAddress::SocketAddress(const UdpAddress& address) {
  if (address.v6) {
    auto* out = reinterpret_cast<sockaddr_in6*>(&storage_);
    out->sin6_family = AF_INET6;
    std::memcpy(&out->sin6_addr, address.bytes.data(), 16);
    out->sin6_port = htons(address.port);
    out->sin6_scope_id = address.scope;
    size_ = sizeof *out;
  } else {
    auto* out = reinterpret_cast<sockaddr_in*>(&storage_);
    out->sin_family = AF_INET;
    std::memcpy(&out->sin_addr, address.bytes.data(), 4);
    out->sin_port = htons(address.port);
    size_ = sizeof *out;
  }
}

UdpAddress from_sockaddr(const sockaddr_storage& storage) {
  UdpAddress address;
  if (storage.ss_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(storage);
    address.v6 = true;
    std::memcpy(address.bytes.data(), &in.sin6_addr, 16);
    address.port = ntohs(in.sin6_port);
    if (IN6_IS_ADDR_LINKLOCAL(&in.sin6_addr)) address.scope = in.sin6_scope_id;
  } else {
    const auto& in = reinterpret_cast<const sockaddr_in&>(storage);
    std::memcpy(address.bytes.data(), &in.sin_addr, 4);
    address.port = ntohs(in.sin_port);
  }
  return address;
}

std::string ip_text(const UdpAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
  return text;
}

std::string to_text(const UdpAddress& address) {
  const std::string ip = ip_text(address);
  return (address.v6 ? "[" + ip + "]" : ip) + ":" + std::to_string(address.port);
}

std::optional<UdpAddress> udp_address(const std::string& ip, std::uint16_t port) {
  UdpAddress address;
  in6_addr v6{};
  in_addr v4{};
  if (::inet_pton(AF_INET, ip.c_str(), &v4) == 1) {
    std::memcpy(address.bytes.data(), &v4, 4);
  } else if (::inet_pton(AF_INET6, ip.c_str(), &v6) == 1) {
    std::memcpy(address.bytes.data(), &v6, 16);
    address.v6 = true;
  } else {
    return std::nullopt;
  }
  address.port = port;
  return address;
}

Result<std::vector<UdpSocket>> UdpSocket::open(const ListenAddress& listen, std::size_t count) {
  const auto given = udp_address(listen.host.empty() ? "0.0.0.0" : listen.host, listen.port);
  if (!given) return make_error_code(boost::system::errc::invalid_argument);
  UdpAddress address = *given;
  // The first asks for the port alone, so that a second server on it is refused.
  TRY(const int alone, bind_to(address, false));
  address = bound_address(alone);  // any free port: all share the one that the first was given
  ::close(alone);
  std::vector<UdpSocket> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    TRY(const int descriptor, bind_to(address, true));
    sockets.push_back(UdpSocket(descriptor));
  }
  return sockets;
}

UdpSocket::~UdpSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

UdpAddress UdpSocket::local() const { return bound_address(descriptor_); }
std::size_t UdpSocket::receive_buffer() const { return buffer_of(descriptor_, SO_RCVBUF); }
std::size_t UdpSocket::send_buffer() const { return buffer_of(descriptor_, SO_SNDBUF); }

}  // namespace weir::net
