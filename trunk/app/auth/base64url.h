#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::auth {

// RFC 7515 2: the URL's alphabet, no padding, and no bits left over that could differ without meaning anything.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace weir::auth
