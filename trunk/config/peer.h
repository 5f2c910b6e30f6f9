#pragma once

#include <optional>
#include <string_view>

#include "config/endpoint.h"

namespace weir::config {

// Where to connect to: a numeric address (IPv6 in brackets) or a host name, and a port behind it. Nothing for anything
// else.
std::optional<Endpoint> parse_peer(std::string_view text);

}  // namespace weir::config
