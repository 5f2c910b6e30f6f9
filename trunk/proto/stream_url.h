#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
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
  std::string stream;      // with its extension, if it has one, and its spaces; empty only if it could not be guessed
  std::string param;       // "?token=1&vhost=v" and a "#fragment", or empty
};

// A name that is split at "/" again, or written into another URL or a path, must say there what it says here: no "?",
// "#" or control character in an application or stream, no element "." or "..", nothing that RTMP clients write in
// place of a "?" or leave out ("...vhost...", "/_definst_"); and a virtual host of the characters of hosts alone. Held
// for every protocol, as each reads its names by one of the two functions below.
enum class UrlErrc { bad_vhost = 1, bad_name, leaves_folder, reads_otherwise };
const char* describe(UrlErrc code);
inline constexpr base::EnumCategory<UrlErrc, &describe> url_errc_category{"stream url"};
inline base::ErrorCode make_error_code(UrlErrc code) { return {static_cast<int>(code), url_errc_category}; }

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

// UrlErrc, where it is none that a stream may have. The two functions above ask it; whoever has names from elsewhere -
// a path of a playlist - asks it before he goes anywhere by them.
base::Result<void> check_names(std::string_view app, std::string_view stream);

// Whether who goes to this address means that stream and no other. The virtual host is that of the address where it is
// the default one. For addresses that are made of names and given to programs.
bool means(std::string_view url, std::string_view vhost, std::string_view app, std::string_view stream);

// The name of a stream without what only says how it is asked for: "cam.front.flv" is "cam.front". Only the extensions
// of our own formats are cut, however many there are, so that the result is the same for everybody who writes one
// behind it: a publisher of "cam.flv", a player of "/live/cam.ts" and one of "/live/cam.flv.m3u8" mean "cam";
// "192.168.1.10" is nobody's extension. Never empty.
std::string_view without_extension(std::string_view stream);

}  // namespace weir::proto

WEIR_ERROR_ENUM(weir::proto::UrlErrc)
