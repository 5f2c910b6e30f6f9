#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::http {

struct Url {
  std::string scheme;  // lower case: "http", "https"
  std::string host;    // without brackets
  std::uint16_t port = 0;
  std::string target;  // path and query, "/" at least

  bool secure() const { return scheme == "https"; }
  // "host" or "host:port", with brackets around an IPv6 address: the Host header.
  std::string authority() const;
};

// An absolute http or https URL. base::UrlErrc; Errc::unsupported_scheme, control_character.
base::Result<Url> parse_url(std::string_view text);

// "%41" -> "A"; '+' stays. Stricter than base's: Errc::bad_percent_code; control_character if one is written or coded.
base::Result<std::string> percent_decode(std::string_view text);

// Decodes the path of a request and resolves "//" and "/./". Errc::path_leaves_root for any ".." segment, however
// coded.
base::Result<std::string> normalise_path(std::string_view path);

// Value of the first `name=` in "a=1&b=2", decoded; no value if absent or
// undecodable. '+' stays: it occurs in tokens.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace weir::http
