#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

// Where to listen: "1935", "10.0.0.1:1935", "[::]:1935". A bare port has no address: the listener then binds 0.0.0.0,
// or
// [::] on a host that has only IPv6.
struct Endpoint {
  std::string address;  // numeric, without brackets; empty for a bare port
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
};

// Nothing if the text is no port, no numeric address with a port, or if the port is 0.
std::optional<Endpoint> parse_endpoint(std::string_view text);
std::string to_text(const Endpoint& endpoint);

// A range of addresses: "all", one address, or a CIDR block; IPv4 and IPv6. An IPv4-mapped IPv6 address
// (::ffff:a.b.c.d) counts as the IPv4 address inside.
class AddressRange {
 public:
  static std::optional<AddressRange> parse(std::string_view text);

  // False for text that is no numeric address, unless the range is "all".
  bool contains(std::string_view address) const;
  bool operator==(const AddressRange&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // IPv4 as ::ffff:a.b.c.d
  unsigned prefix_bits_ = 0;
  bool all_ = false;
};

}  // namespace weir::config
