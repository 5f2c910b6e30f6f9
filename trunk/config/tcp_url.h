#pragma once

#include <optional>
#include <string_view>

#include "config/endpoint.h"

namespace weir::config {

// A TCP port of ours that a stream comes to: "tcp://:PORT" or "tcp://ADDRESS:PORT", the address numeric. None: it is no
// such URL.
std::optional<Endpoint> tcp_port_of(std::string_view url);

}  // namespace weir::config
