#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "net/udp_address.h"

namespace weir::session::webrtc {

// Which UDP port of ours: its place in rtc_server.listen over the life of the process; the same on every worker. From
// first_tcp on, which TCP connection of the process.
enum class ListenerIndex : std::uint32_t {};
inline constexpr std::uint32_t first_tcp = std::uint32_t{1} << 31U;
constexpr bool is_tcp(ListenerIndex index) { return static_cast<std::uint32_t>(index) >= first_tcp; }

// Between which two addresses a datagram goes.
struct Way {
  net::UdpAddress remote, local;
  ListenerIndex listener{};
  bool operator==(const Way&) const = default;
};

// What takes datagrams to the network: a worker's ports, or a test's.
class DatagramOut {
 public:
  virtual ~DatagramOut() = default;
  // `packets` are datagrams of `segment` bytes each, of which the last may be shorter.
  virtual void send(const Way& way, base::Bytes packets, std::size_t segment) = 0;
};

}  // namespace weir::session::webrtc
