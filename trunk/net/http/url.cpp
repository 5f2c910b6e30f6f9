#include "net/http/url.h"

#include "base/url.h"
#include "net/http/error.h"
#include "net/http/text.h"

namespace weir::http {

using base::Result;

namespace {

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace

Result<std::string> percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return Errc::bad_percent_code;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (is_control(c)) return Errc::control_character;
    result.push_back(c);
  }
  return result;
}

Result<std::string> normalise_path(std::string_view path) {
  TRY(const std::string decoded, percent_decode(path));
  if (decoded.empty() || decoded.front() != '/') return Errc::bad_target;
  std::string result;
  result.reserve(decoded.size());
  std::string_view rest = decoded;
  rest.remove_prefix(1);
  bool folder = true;  // the path ends with '/'
  while (!rest.empty()) {
    folder = rest.find('/') != std::string_view::npos;
    const std::string_view segment = cut_front(rest, '/');
    if (segment == "..") return Errc::path_leaves_root;
    if (segment == ".") folder = true;
    if (segment.empty() || segment == ".") continue;
    result.append("/").append(segment);
  }
  if (folder) result.push_back('/');
  return result;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    std::string_view value = cut_front(query, '&');
    if (cut_front(value, '=') != name) continue;
    auto decoded = percent_decode(value);
    if (!decoded) return std::nullopt;
    return *std::move(decoded);
  }
  return std::nullopt;
}

std::string Url::authority() const {
  const bool standard = port == (secure() ? 443 : 80);
  return base::format_host_port(host, standard ? std::uint16_t{0} : port);
}

Result<Url> parse_url(std::string_view text) {
  TRY(const base::Url parts, base::parse_url(text));
  if (parts.scheme != "http" && parts.scheme != "https") return Errc::unsupported_scheme;
  if (has_control(text) || text.find(' ') != std::string_view::npos) return Errc::control_character;
  Url url{.scheme = parts.scheme, .host = parts.host, .port = parts.port, .target = parts.path};
  if (url.port == 0) url.port = url.secure() ? 443 : 80;
  if (url.target.empty()) url.target = "/";
  if (!parts.query.empty()) url.target += "?" + parts.query;
  return url;
}

}  // namespace weir::http
