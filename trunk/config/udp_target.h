#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

// Where a transport stream is sent by UDP, plain ("udp://") or in RTP ("rtp://", RFC 2250): "udp://HOST:PORT" or
// "rtp://GROUP:PORT?ttl=16&interface=eth1&fec=10x10&muxrate=8M".
struct UdpTarget {
  bool rtp = false;
  std::string host;  // a name, an address, or a multicast group
  std::uint16_t port = 0;
  unsigned ttl = 0;       // of the datagrams; 0: the system's, which is 1 for groups
  std::string interface;  // that they leave by: a name, a number or an address of it; empty: as the system routes
  // Forward error correction of SMPTE ST 2022-1, of RTP: of columns, which are sent to port + 2, and of rows, to
  // port + 4. 0: none. Level A of the standard has no rows.
  unsigned fec_columns = 0, fec_rows = 0;
  bool fec_by_rows = true;
  // Bits a second of the transport stream, null packets among them (without headers of RTP, UDP and IP); 0: as it
  // comes.
  std::uint64_t muxrate = 0;
};

// None, and `fault` says why. See is_udp_url() in config/udp_url.h for which texts are meant to be one.
std::optional<UdpTarget> parse_udp_target(std::string_view text, std::string& fault);
// "udp://HOST:PORT"
std::string shown(const UdpTarget& target);

}  // namespace weir::config
