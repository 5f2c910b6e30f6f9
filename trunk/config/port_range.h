#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::config {

// "30000-30500", or one port. Low is at least 1, and not above high.
struct PortRange {
  std::uint16_t low = 0, high = 0;
};
std::optional<PortRange> parse_port_range(std::string_view text);

}  // namespace weir::config
