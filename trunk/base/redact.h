#pragma once

#include <string>
#include <string_view>

namespace weir::base {

// What others may read of what a peer sent: for log lines and for the configuration as it is shown.

// "rtmp://user:password@host/" becomes "rtmp://***@host/", wherever it stands in the text.
std::string without_credentials(std::string text);

// The same, and "?vhost=a&token=abc" becomes "?vhost=a&token=***": any parameter may be a token, or a key that a hook
// server asks for; only `vhost` and `domain` are known to be none.
std::string without_secrets(std::string_view url);

}  // namespace weir::base
