#pragma once

#include <string>
#include <string_view>

namespace weir::migrate {

// "10s", "500ms", "1m30s", "2h", "7d", or bare seconds; 0 for what is none.
double seconds_of(std::string_view text);
// As our configuration reads it: "1.5s", "500ms".
std::string duration_text(double seconds);

}  // namespace weir::migrate
