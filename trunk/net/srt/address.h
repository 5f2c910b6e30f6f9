#pragma once

#include <sys/socket.h>

#include <boost/asio/ip/udp.hpp>

#include "base/result.h"
#include "net/byte_stream.h"
#include "net/listener.h"

namespace weir::net {

// Of an IPv4 address in IPv6 form: the IPv4 address.
Peer srt_peer(const sockaddr_storage& address);
Peer srt_peer(const sockaddr* address);
// Numeric; without a host, every IPv4 address.
base::Result<boost::asio::ip::udp::endpoint> srt_endpoint(const ListenAddress& address);

}  // namespace weir::net
