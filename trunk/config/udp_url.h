#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

// A UDP port that a transport stream comes to, plain ("udp://") or in RTP ("rtp://"; what comes may be in either):
// "udp://:PORT", "udp://ADDRESS:PORT" or "udp://@GROUP:PORT?interface=eth1&source=ADDRESS&program=2". Addresses are
// numeric.
struct UdpUrl {
  bool rtp = false;
  std::string address;  // ours, or a multicast group; empty: every IPv4 address
  std::uint16_t port = 0;
  std::string interface;      // of a group: a name, a number or an address of it; empty: as the system routes
  std::string source;         // whose datagrams alone are taken, and of a group asked for; empty: everybody's
  std::uint16_t program = 0;  // that is taken of several; 0: the first
  // Forward error correction of SMPTE ST 2022-1 is taken, of RTP; columns and rows as they are sent. 0: none.
  unsigned fec_columns = 0, fec_rows = 0;
  // A group is joined again each time; 0: never; none: only where nothing has come for ten seconds.
  std::optional<std::chrono::seconds> rejoin;
  std::chrono::milliseconds reorder{50};  // how long a packet of RTP that is missing is waited for; 1 s with FEC
};

bool is_udp_url(std::string_view text);
// None, and `fault` says why.
std::optional<UdpUrl> parse_udp_url(std::string_view text, std::string& fault);

// The matrix of forward error correction as ST 2022-1 8.1 has it: "10x10", columns and rows, or "0" for none.
struct FecMatrix {
  unsigned columns = 0, rows = 0;
};
std::optional<FecMatrix> parse_fec_matrix(std::string_view text);
inline constexpr std::string_view fec_matrix_rule =
    "fec is COLUMNSxROWS, as 10x10: 1 to 20 columns, 4 to 20 rows, and 100 packets in all";
inline constexpr std::uint16_t most_port_with_fec = 65'535 - 4;

// A whole number of `text` alone.
std::optional<int> udp_number(std::string_view text, int least, int most);

}  // namespace weir::config
