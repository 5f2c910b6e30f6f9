#pragma once

#include <string_view>

namespace weir::hub {

// Of the inputs of a stream: the highest one that brings frames is the active one. Among equals a client goes first.
inline constexpr int most_priority = 1000;
// Of the input that somebody chose by the API: above all others.
inline constexpr int pinned_priority = 1'000'000;
inline constexpr std::string_view priority_fact = "priority";  // of a Request of ours
// The same of one that keeps no pictures while it stands by; any value.
inline constexpr std::string_view warm_fact = "warm";

}  // namespace weir::hub
