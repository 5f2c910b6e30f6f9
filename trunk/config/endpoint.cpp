#include "config/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace weir::config {
namespace {

using AddressBytes = std::array<std::uint8_t, 16>;

// IPv4 becomes ::ffff:a.b.c.d, so that both families compare alike.
std::optional<AddressBytes> parse_address(std::string_view text) {
  const std::string terminated(text);
  AddressBytes bytes{};
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
  bytes[10] = bytes[11] = 0xff;
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + 12) == 1) return bytes;
  return std::nullopt;
}

template <class T>
std::optional<T> parse_number(std::string_view text, T largest) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > largest) return std::nullopt;
  return value;
}

bool is_mapped(const AddressBytes& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) && bytes[10] == 0xff &&
         bytes[11] == 0xff;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  Endpoint endpoint;
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    auto host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    // An IPv6 address needs its brackets: without them the last group would be taken for a port.
    if ((host.find(':') != std::string_view::npos) != bracketed || !parse_address(host)) return std::nullopt;
    endpoint.address = host;
    text.remove_prefix(colon + 1);
  }
  const auto port = parse_number<std::uint32_t>(text, 65535);
  if (!port || *port == 0) return std::nullopt;
  endpoint.port = static_cast<std::uint16_t>(*port);
  return endpoint;
}

std::string to_text(const Endpoint& endpoint) {
  auto port = std::to_string(endpoint.port);
  if (endpoint.address.empty()) return port;
  if (endpoint.address.find(':') != std::string::npos) return "[" + endpoint.address + "]:" + port;
  return endpoint.address + ":" + port;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  AddressRange range;
  if (text == "all") {
    range.all_ = true;
    return range;
  }
  const auto slash = text.find('/');
  const auto bytes = parse_address(text.substr(0, slash));
  if (!bytes) return std::nullopt;
  range.bytes_ = *bytes;
  range.prefix_bits_ = 128;
  if (slash == std::string_view::npos) return range;

  const bool is_v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  const auto bits = parse_number<unsigned>(text.substr(slash + 1), is_v4 ? 32 : 128);
  if (!bits) return std::nullopt;
  range.prefix_bits_ = is_v4 ? 96 + *bits : *bits;
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  if (all_) return true;
  const auto bytes = parse_address(address);
  // ::/0 means every IPv6 address, not every IPv4 one.
  if (!bytes || (is_mapped(*bytes) && prefix_bits_ < 96)) return false;
  const std::size_t whole = prefix_bits_ / 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(whole), bytes->begin())) return false;
  const unsigned rest = prefix_bits_ % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00u >> rest);
  return (bytes_[whole] & mask) == ((*bytes)[whole] & mask);
}

}  // namespace weir::config
