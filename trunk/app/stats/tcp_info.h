#pragma once

#include <optional>

#include "app/stats/rows.h"

namespace weir::stats {

// None if the descriptor is no TCP socket.
std::optional<TcpFigures> tcp_figures(int descriptor);

}  // namespace weir::stats
