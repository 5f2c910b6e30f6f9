#include <array>
#include <utility>

#include "base/text.h"
#include "net/http/static_files.h"

namespace weir::http {

std::string_view mime_type(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 46> types{{
      // what SRS says for media, players expect these
      {"flv", "video/x-flv"},
      {"m3u8", "application/vnd.apple.mpegurl"},
      {"ts", "video/MP2T"},
      {"mpd", "application/dash+xml"},
      {"m4s", "video/iso.segment"},
      {"mp4", "video/mp4"},
      {"m4v", "video/mp4"},
      {"m4a", "audio/mp4"},
      {"aac", "audio/x-aac"},
      {"mp3", "audio/mpeg"},
      {"ogg", "audio/ogg"},
      {"opus", "audio/ogg"},
      {"wav", "audio/wav"},
      {"webm", "video/webm"},
      {"mkv", "video/x-matroska"},
      {"mov", "video/quicktime"},
      {"3gp", "video/3gpp"},
      {"vtt", "text/vtt; charset=utf-8"},
      {"srt", "text/plain; charset=utf-8"},
      {"html", "text/html; charset=utf-8"},
      {"htm", "text/html; charset=utf-8"},
      {"css", "text/css; charset=utf-8"},
      {"js", "text/javascript; charset=utf-8"},
      {"mjs", "text/javascript; charset=utf-8"},
      {"map", "application/json"},
      {"json", "application/json"},
      {"xml", "text/xml; charset=utf-8"},
      {"txt", "text/plain; charset=utf-8"},
      {"md", "text/plain; charset=utf-8"},
      {"log", "text/plain; charset=utf-8"},
      {"csv", "text/csv; charset=utf-8"},
      {"svg", "image/svg+xml"},
      {"png", "image/png"},
      {"jpg", "image/jpeg"},
      {"jpeg", "image/jpeg"},
      {"gif", "image/gif"},
      {"webp", "image/webp"},
      {"avif", "image/avif"},
      {"ico", "image/x-icon"},
      {"wasm", "application/wasm"},
      {"woff", "font/woff"},
      {"woff2", "font/woff2"},
      {"ttf", "font/ttf"},
      {"pdf", "application/pdf"},
      {"swf", "application/x-shockwave-flash"},
      {"webmanifest", "application/manifest+json"},
  }};
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    for (const auto& [extension, type] : types) {
      if (base::iequals(name.substr(dot + 1), extension)) return type;
    }
  }
  return "application/octet-stream";
}

}  // namespace weir::http
