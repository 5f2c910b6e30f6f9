#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weir::net {

// Of a listener, and so of everybody who calls it. Buffers are what a connection may use, not what it takes.
struct SrtOptions {
  std::chrono::milliseconds receive_latency{120}, send_latency{120};  // at least; the peer may ask for more
  std::chrono::milliseconds connect_timeout{3000}, peer_idle_timeout{10'000};
  std::int64_t most_bytes_per_second = -1;  // -1: no limit, 0: by the rate of what is sent
  int mss = 1500;
  int payload_bytes = 1316;
  std::size_t send_buffer_bytes = 4 << 20, receive_buffer_bytes = 4 << 20;
  bool by_timestamp = true;  // TSBPD
  bool drop_late = true;     // TLPKTDROP
  // Of what the peer asks for again. All of it: a packet that is lost again is sent again as soon as it is missed
  // again, half a round trip later. Else once in a round trip, which 10 % of loss at a fifth of the latency is too much
  // for.
  bool resend_each_time = true;
};

// Options of libsrt by name: those of SRTO_*, in lower case. Times are milliseconds.
using SrtSettings = std::vector<std::pair<std::string, std::variant<std::int64_t, bool, std::string>>>;

}  // namespace weir::net
