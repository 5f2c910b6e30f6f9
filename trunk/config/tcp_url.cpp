#include "config/tcp_url.h"

#include <string>

#include "base/address.h"
#include "base/text.h"
#include "base/url.h"

namespace weir::config {

std::optional<Endpoint> tcp_port_of(std::string_view url) {
  constexpr std::string_view scheme = "tcp://";
  if (!base::iequals(url.substr(0, scheme.size()), scheme)) return std::nullopt;
  const std::string place(base::trim(url.substr(scheme.size()), "/"));
  const bool bare = place.starts_with(':') && place.find(':', 1) == std::string::npos;
  const auto host_port = base::parse_host_port(bare ? "0.0.0.0" + place : place);
  if (!host_port || host_port->second == 0) return std::nullopt;
  if (bare) return Endpoint{"", host_port->second};
  const auto address = base::numeric_address(host_port->first);
  return address ? std::optional(Endpoint{*address, host_port->second}) : std::nullopt;
}

}  // namespace weir::config
