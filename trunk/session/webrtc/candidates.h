#pragma once

#include <string>
#include <vector>

#include "config/protocols.h"
#include "net/udp_address.h"

namespace weir::session::webrtc {

// An address of this machine.
struct Interface {
  std::string name;  // "eth0"
  net::UdpAddress address;
  bool loopback = false;
};
// Those that are up. A few system calls.
std::vector<Interface> interfaces();

// An address that peers may reach us at; the port of 0 stands for each of ours.
struct Reachable {
  std::string host;  // numeric, or a name where it is to be kept
  std::uint16_t port = 0;
};
// "192.0.2.1", "192.0.2.1:8000", "[2001:db8::1]:8000", "media.example.org"; none if it can be none of them.
std::optional<Reachable> parse_reachable(std::string_view text);

// What the answer's candidates are made of.
struct CandidateSources {
  const config::RtcServer& settings;
  std::vector<net::UdpAddress> ports;      // of ours, for UDP; an address that is not all zeros is bound alone
  std::vector<net::UdpAddress> tcp_ports;  // the same for TCP (RFC 6544): behind all those of UDP
  std::vector<Reachable> asked;            // eip and candidate of the request, and what rtc_server.candidate says
  std::vector<Reachable> api_host;         // where the request was sent to, resolved
  bool by_loopback = false;                // the request came from this machine, or was sent to "localhost"
  net::UdpAddress request_local{};         // the address of ours that the request reached
  std::vector<Interface> interfaces;
};

// The values of a=candidate lines (RFC 8839 5.1), best first: what was configured or asked for, the host of the API,
// then the machine's own. Each once, at most eight: a peer tries them all, and some fail on many. Addresses of bridges
// of containers and link-local ones only where there is nothing else.
std::vector<std::string> make_candidates(const CandidateSources& sources);

inline constexpr std::size_t most_candidates = 8, most_tcp_candidates = 3;

}  // namespace weir::session::webrtc
