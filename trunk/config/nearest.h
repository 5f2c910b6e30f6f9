#pragma once

#include <string_view>
#include <vector>

namespace weir::config {

// The candidate that `name` was most likely meant to be; empty if none is close.
std::string_view nearest(std::string_view name, const std::vector<std::string_view>& candidates);

// Letters inserted, left out, replaced or swapped with their neighbour to make one of the other.
std::size_t edit_distance(std::string_view left, std::string_view right);

}  // namespace weir::config
