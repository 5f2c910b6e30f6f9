#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace weir::base {

enum class UrlErrc { no_scheme = 1, no_host, bad_port, bad_address, control_character, too_long };
const char* describe(UrlErrc code);
inline constexpr EnumCategory<UrlErrc, &describe> url_errc_category{"url"};
inline ErrorCode make_error_code(UrlErrc code) { return {static_cast<int>(code), url_errc_category}; }

// RFC 3986 3: scheme://user@host:port/path?query#fragment. The parts are as written, not percent-decoded.
struct Url {
  std::string scheme;      // lower case
  std::string user;        // "name:password"
  std::string host;        // an IPv6 address without its brackets
  std::uint16_t port = 0;  // 0: not given
  std::string path;        // begins with "/" or is empty
  std::string query;       // without "?"
  std::string fragment;    // without "#"
};

// An absolute URL of at most 8 KiB.
Result<Url> parse_url(std::string_view text);
// "host", "host:port" or "[v6]:port"; the port may be left out (0).
Result<std::pair<std::string, std::uint16_t>> parse_host_port(std::string_view text);
// Brackets around an IPv6 address; no port if it is 0.
std::string format_host_port(std::string_view host, std::uint16_t port);

// %XX becomes the byte; a "%" that is not followed by two digits stays. "+" stays.
std::string percent_decode(std::string_view text);
// All but RFC 3986 2.3 unreserved characters becomes %XX.
std::string percent_encode(std::string_view text);

// "a=1&b" in the order given, names and values decoded ("+" in them is a space).
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
QueryParameters parse_query(std::string_view query);
// The first value of that name; empty if there is none.
std::string_view find_parameter(const QueryParameters& parameters, std::string_view name);

}  // namespace weir::base

WEIR_ERROR_ENUM(weir::base::UrlErrc)
