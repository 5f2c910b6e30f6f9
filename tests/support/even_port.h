#pragma once

#include <cstdint>

#include "net/udp_port.h"

namespace weir::test {

// An even port of this machine that is free, and the one above it too, as RTP and RIST use them.
inline std::uint16_t free_even_port() {
  for (;;) {
    const auto first = net::UdpSocket::open({"127.0.0.1", 0}, 1);
    const std::uint16_t port = first->front().local().port;
    if (port % 2 != 0 || port > 65'000) continue;
    if (net::UdpSocket::open({"127.0.0.1", static_cast<std::uint16_t>(port + 1)}, 1)) return port;
  }
}

}  // namespace weir::test
