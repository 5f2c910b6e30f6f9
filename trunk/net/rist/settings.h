#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/udp_address.h"

namespace weir::net {

// One end of a RIST connection. What is not said is as the library has it.
struct RistSettings {
  bool simple = false;   // the profile; else main
  bool listens = false;  // at `address`, else that is called
  UdpAddress address;
  std::string secret;  // of at most 127 bytes; empty: in the clear
  int aes_bits = 128;  // 128, 256
  std::string cname, interface;
  std::optional<std::chrono::milliseconds> buffer_min, buffer_max, reorder_buffer, rtt_min, rtt_max;
  std::optional<std::chrono::milliseconds> session_timeout, keepalive;
  std::optional<std::uint32_t> bandwidth_kbps, return_bandwidth_kbps;
  std::optional<std::uint32_t> min_retries, max_retries, key_rotation, congestion_control;
  std::optional<std::uint16_t> virtual_port;
  // Of a sender with several peers: its share of the packets. None or 0: all of them.
  std::optional<std::uint32_t> weight;
  std::vector<RistSettings> more;  // other peers of the same connection, of the same profile
};

}  // namespace weir::net
