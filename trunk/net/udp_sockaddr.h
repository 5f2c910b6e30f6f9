#pragma once

#include <sys/socket.h>

#include "net/udp_address.h"

namespace weir::net {

// A UdpAddress as the system calls want it.
class SocketAddress {
 public:
  explicit SocketAddress(const UdpAddress& address);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

UdpAddress from_sockaddr(const sockaddr_storage& storage);

}  // namespace weir::net
