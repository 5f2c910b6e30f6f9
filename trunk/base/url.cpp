#include "base/url.h"

#include <algorithm>

#include "base/text.h"

namespace weir::base {
namespace {

constexpr std::size_t longest_url = 8 * 1024;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(digit(text[i + 1]) << 4 | digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

Result<std::uint16_t> parse_port(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || *number == 0 || *number > 65535) return UrlErrc::bad_port;
  return static_cast<std::uint16_t>(*number);
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (text.size() > longest_url) return UrlErrc::too_long;
  if (std::any_of(text.begin(), text.end(), is_control)) return UrlErrc::control_character;
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0) return UrlErrc::no_scheme;
  Url url;
  url.scheme = lower(text.substr(0, scheme_end));
  text.remove_prefix(scheme_end + 3);

  const std::size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, authority_end);
  text.remove_prefix(authority_end);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  TRY(auto host_port, parse_host_port(authority));
  url.host = std::move(host_port.first);
  url.port = host_port.second;

  const auto [before_fragment, fragment] = split_first(text, '#');
  const auto [path, query] = split_first(before_fragment, '?');
  url.path = path;
  url.query = query;
  url.fragment = fragment;
  return url;
}

Result<std::pair<std::string, std::uint16_t>> parse_host_port(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return UrlErrc::bad_address;
    host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (!text.empty() && text[0] != ':') return UrlErrc::bad_address;
    has_port = !text.empty();
    if (has_port) port = text.substr(1);
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
  }
  if (host.empty()) return UrlErrc::no_host;
  if (!has_port) return std::pair(std::string(host), std::uint16_t{0});
  TRY(const std::uint16_t number, parse_port(port));
  return std::pair(std::string(host), number);
}

std::string format_host_port(std::string_view host, std::uint16_t port) {
  std::string out = host.find(':') == std::string_view::npos ? std::string(host) : "[" + std::string(host) + "]";
  if (port != 0) out += ":" + std::to_string(port);
  return out;
}

std::string percent_decode(std::string_view text) { return decode(text, false); }

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

QueryParameters parse_query(std::string_view query) {
  QueryParameters out;
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const auto [name, value] = split_first(part, '=');
    out.emplace_back(decode(name, true), decode(value, true));
  }
  return out;
}

std::string_view find_parameter(const QueryParameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

const char* describe(UrlErrc code) {
  switch (code) {
    case UrlErrc::no_scheme:
      return "the URL has no scheme:// in front";
    case UrlErrc::no_host:
      return "the URL names no host";
    case UrlErrc::bad_port:
      return "the port in the URL is not a number from 1 to 65535";
    case UrlErrc::bad_address:
      return "the bracketed address in the URL is not closed or is followed by junk";
    case UrlErrc::control_character:
      return "there is a control character in the URL";
    case UrlErrc::too_long:
      return "the URL is longer than 8 KiB";
  }
  return "unknown URL error";
}

}  // namespace weir::base
