#include "config/udp_url.h"

#include <fmt/format.h>

#include "base/address.h"
#include "base/text.h"
#include "base/url.h"

namespace weir::config {

bool is_udp_url(std::string_view text) {
  return base::iequals(text.substr(0, 6), "udp://") || base::iequals(text.substr(0, 6), "rtp://");
}

std::optional<UdpUrl> parse_udp_url(std::string_view text, std::string& fault) {
  fault.clear();
  if (!is_udp_url(text)) {
    fault = "it is no URL of UDP";
    return std::nullopt;
  }
  const auto [whole_place, query] = base::split_first(text.substr(6), '?');
  std::string_view place = base::trim(whole_place, "/");
  if (place.starts_with('@')) place.remove_prefix(1);
  UdpUrl url;
  const bool bare = place.starts_with(':') && place.find(':', 1) == std::string_view::npos;
  const auto host_port = base::parse_host_port(bare ? "0.0.0.0" + std::string(place) : std::string(place));
  if (!host_port || host_port->second == 0) {
    fault = "it names no port";
    return std::nullopt;
  }
  url.port = host_port->second;
  if (!bare) {
    const auto address = base::numeric_address(host_port->first);
    if (!address) fault = "the address is not numeric";
    url.address = address.value_or("");
  }
  for (const std::string_view part : base::split(query, '&')) {
    if (part.empty()) continue;
    const auto [name, value] = base::split_first(part, '=');
    const std::string decoded = base::percent_decode(value);
    if (name == "interface") {
      url.interface = decoded;
      if (decoded.empty() || decoded.size() > 64) fault = "interface is a name, a number or an address of one";
    } else if (name == "source") {
      const auto address = base::numeric_address(decoded);
      if (!address) fault = "source is a numeric address";
      url.source = address.value_or("");
    } else {
      fault = fmt::format("UDP has no option '{}'", base::printable(name, 40));
    }
  }
  if (!fault.empty()) return std::nullopt;
  return url;
}

}  // namespace weir::config
