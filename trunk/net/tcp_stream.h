#pragma once

#include <memory>

#include "net/byte_stream.h"

namespace weir::net {

class Worker;

struct TcpOptions {
  bool no_delay = true;
  int send_buffer_bytes = 0;  // SO_SNDBUF; 0 = the system's own sizing
  int not_sent_low_water_bytes =
      0;  // TCP_NOTSENT_LOWAT: a slow player shows in its cursor and not in the kernel; 0 = off
};

// Takes a connected, non-blocking descriptor. On the worker's thread.
std::unique_ptr<ByteStream> make_tcp_stream(Worker& worker, int descriptor);
void apply(const TcpOptions& options, int descriptor);
// SO_RCVLOWAT: fewer bytes than this do not wake anybody; 1 is the system's own. For readers that come by the clock.
void set_read_low_water(int descriptor, int bytes);
// TCP_QUICKACK: acknowledges what was read now, not up to 40 ms later. The system forgets it, so it is said after each
// read.
void acknowledge_now(int descriptor);

// Resolves and connects, address by address, within `limit`. `host` without brackets.
Task<base::Result<std::unique_ptr<ByteStream>>> connect(Worker& worker, std::string host, std::uint16_t port,
                                                        std::chrono::milliseconds limit);

}  // namespace weir::net
