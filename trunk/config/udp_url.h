#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

// A UDP port that a transport stream comes to, plain or in RTP: "udp://:PORT", "udp://ADDRESS:PORT" or
// "udp://@GROUP:PORT?interface=eth1&source=ADDRESS". Addresses are numeric.
struct UdpUrl {
  std::string address;  // ours, or a multicast group; empty: every IPv4 address
  std::uint16_t port = 0;
  std::string interface;  // of a group: a name, a number or an address of it; empty: as the system routes
  std::string source;     // of a group: whose datagrams alone are asked for; empty: everybody's
};

bool is_udp_url(std::string_view text);
// None, and `fault` says why.
std::optional<UdpUrl> parse_udp_url(std::string_view text, std::string& fault);

}  // namespace weir::config
