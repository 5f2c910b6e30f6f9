#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/headers.h"

namespace weir::http {

// The head of a request, checked: no control characters anywhere, path decoded and free of "..".
struct Request {
  std::string method;  // "GET"
  std::string target;  // as sent
  std::string path;    // decoded: "/live/camera 1.flv"
  std::string query;   // as sent, without '?'
  std::string host;    // of the Host header (or an absolute target), lower case, without port; empty for HTTP/1.0
  Headers headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = false;
  std::uint8_t minor_version = 1;  // 1.0, 1.1 or 2.0: where it is 0, no chunks frame a body
  std::uint8_t major_version = 1;

  // Decoded value of a query parameter.
  std::optional<std::string> query_value(std::string_view name) const;
  // The host that routing goes by: `?vhost=` or `?domain=` before the Host header.
  std::string virtual_host() const;
  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

}  // namespace weir::http
