#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace weir::proto {

inline constexpr std::string_view default_vhost = "__defaultVhost__";
inline constexpr std::string_view default_app = "__defaultApp__";

// Which stream a client means, out of what RTMP and HTTP clients write into their URLs.
struct StreamUrl {
  std::string scheme;
  std::string host;        // as dialled
  std::uint16_t port = 0;  // 0: not given
  std::string vhost;       // as asked for by ?vhost=, ?domain= or else the host; the configuration may not know it
  std::string app;         // may contain "/"
  std::string stream;      // with its extension, if it has one; empty only if it could not be guessed
  std::string param;       // "?token=1&vhost=v" and a "#fragment", or empty
};

// From connect's tcUrl and the name in publish or play, either of which may carry parameters:
//   rtmp://host/app?vhost=v + stream, rtmp://host/app...vhost...v + stream, rtmp://host/app/_definst_ + stream?k=v,
//   rtmp://host/app/stream + nothing.
base::Result<StreamUrl> parse_stream_url(std::string_view tc_url, std::string_view stream);

// From an HTTP request: the Host header (may be empty), and the target "/app/stream.ext?query".
base::Result<StreamUrl> parse_http_stream_url(std::string_view scheme, std::string_view host, std::string_view target);

// "rtmp://host:port/app", what a client sends as tcUrl, and the name of the stream with its parameters: for our own
// clients.
std::string tc_url_of(const StreamUrl& url);
std::string stream_name_of(const StreamUrl& url);

// The identity of the stream in the virtual host that the configuration chose for it: "app/stream" in the default
// one, "vhost/app/stream" in another, the stream's extension left out.
base::StreamKey stream_key(std::string_view vhost, std::string_view app, std::string_view stream);
std::string_view without_extension(std::string_view stream);

}  // namespace weir::proto
