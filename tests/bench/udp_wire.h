#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace bench {

inline sockaddr_in loopback(int port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

// A UDP socket with room for bursts that never blocks, at that port of 127.0.0.1; 0: at none. Ends the program where
// that is not free.
inline int open_socket(int port) {
  const int made = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  const int room = 4 << 20;
  setsockopt(made, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  setsockopt(made, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  const sockaddr_in at = loopback(port);
  if (port != 0 && bind(made, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
    std::perror("bind");
    std::exit(1);
  }
  return made;
}

}  // namespace bench
