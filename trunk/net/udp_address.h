#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>

namespace weir::net {

// An IP address with a UDP port, as a value: in network order, 4 bytes for IPv4 and 16 for IPv6.
struct UdpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool v6 = false;
  std::uint16_t port = 0;
  std::uint32_t scope = 0;  // the interface of a link-local IPv6 address, else 0
  auto operator<=>(const UdpAddress&) const = default;
};

std::string ip_text(const UdpAddress& address);  // "192.0.2.7", "2001:db8::1"
std::string to_text(const UdpAddress& address);  // "192.0.2.7:8000", "[2001:db8::1]:8000"
// Of a numeric IP address; none if `ip` is something else.
std::optional<UdpAddress> udp_address(const std::string& ip, std::uint16_t port);

}  // namespace weir::net

template <>
struct std::hash<weir::net::UdpAddress> {
  std::size_t operator()(const weir::net::UdpAddress& address) const noexcept {
    std::uint64_t high = 0, low = 0;
    std::memcpy(&high, address.bytes.data(), 8);
    std::memcpy(&low, address.bytes.data() + 8, 8);
    std::uint64_t mixed = (high ^ (low * 0x9e3779b97f4a7c15U)) + address.port * std::uint64_t{0xff51afd7ed558ccd};
    mixed ^= mixed >> 32U;
    return static_cast<std::size_t>(mixed * 0xc4ceb9fe1a85ec53U);
  }
};
