#include "config/peer.h"

#include <algorithm>
#include <charconv>

namespace weir::config {

std::optional<Endpoint> parse_peer(std::string_view text) {
  constexpr std::size_t longest_name = 253;
  if (auto numeric = parse_endpoint(text)) {
    if (numeric->address.empty()) return std::nullopt;
    return numeric;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon > longest_name) return std::nullopt;
  const std::string_view host = text.substr(0, colon), digits = text.substr(colon + 1);
  const auto in_name = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
           c == '_';
  };
  // Digits and dots alone are an address that was written wrongly.
  const bool is_name =
      std::all_of(host.begin(), host.end(), in_name) && host.find_first_not_of("0123456789.") != std::string_view::npos;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!is_name || error != std::errc() || end != digits.data() + digits.size() || port == 0) return std::nullopt;
  return Endpoint{std::string(host), port};
}

}  // namespace weir::config
