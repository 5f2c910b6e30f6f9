#include "net/http/url.h"

#include <charconv>

#include "net/http/error.h"
#include "net/http/text.h"

namespace weir::http {

using base::Result;

namespace {

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) return Errc::bad_url;
  return static_cast<std::uint16_t>(port);
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

std::string percent_encode(std::string_view text, std::string_view keep) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    if (is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos || keep.find(c) != keep.npos) {
      result.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result.push_back('%');
      result.push_back(digits[byte >> 4U]);
      result.push_back(digits[byte & 15U]);
    }
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
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return standard ? name : name + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  if (has_control(text) || text.find(' ') != std::string_view::npos) return Errc::control_character;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return Errc::bad_url;
  Url url;
  url.scheme = lower_case(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") return Errc::unsupported_scheme;
  text.remove_prefix(colon + 3);

  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, end);
  text.remove_prefix(end);
  text = text.substr(0, text.find('#'));
  url.target = text.empty() || text.front() != '/' ? "/" + std::string(text) : std::string(text);

  if (authority.find('@') != std::string_view::npos) return Errc::bad_url;
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return Errc::bad_url;
    url.host = authority.substr(1, bracket - 1);
    port = authority.substr(bracket + 1);
    if (!port.empty() && port.front() != ':') return Errc::bad_url;
    if (!port.empty()) port.remove_prefix(1);
    if (port.empty() && bracket + 1 < authority.size()) return Errc::bad_url;
  } else {
    const bool has_port = authority.find(':') != std::string_view::npos;
    url.host = cut_front(authority, ':');
    port = authority;
    if (has_port && port.empty()) return Errc::bad_url;
  }
  if (url.host.empty()) return Errc::bad_url;
  url.port = url.secure() ? 443 : 80;
  if (!port.empty()) {
    TRY(url.port, parse_port(port));
  }
  return url;
}

}  // namespace weir::http
