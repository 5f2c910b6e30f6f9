#include "proto/sip/uri.h"

#include "base/text.h"

namespace weir::sip {

using base::iequals;
using base::trim;

namespace {

constexpr std::size_t most_uri = 512;  // bytes

// Of "host", "host:port", "[v6]:port".
bool take_host_port(std::string_view text, std::string& host, std::uint16_t& port) {
  std::string_view port_text;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    port_text = text.substr(end + 1);
    if (!port_text.empty() && !port_text.starts_with(':')) return false;
    if (!port_text.empty()) port_text.remove_prefix(1);
  } else {
    const auto [before, behind] = base::split_first(text, ':');
    host = trim(before);
    port_text = behind;
  }
  if (host.empty()) return false;
  for (const char c : host) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f) return false;
  }
  port_text = trim(port_text);
  if (port_text.empty()) return true;
  const auto number = base::parse_number(port_text);
  if (!number || *number > 65'535) return false;
  port = static_cast<std::uint16_t>(*number);
  return true;
}

}  // namespace

std::string host_port(std::string_view host, std::uint16_t port) {
  std::string out = host.find(':') == std::string_view::npos ? std::string(host) : "[" + std::string(host) + "]";
  if (port != 0) out += ":" + std::to_string(port);
  return out;
}

std::string Uri::text() const {
  std::string out = "sip:";
  if (!user.empty()) out += user + "@";
  out += host_port(host, port);
  if (!parameters.empty()) out += ";" + parameters;
  return out;
}

std::optional<Uri> parse_uri(std::string_view text) {
  text = trim(text);
  if (text.size() > most_uri) return std::nullopt;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = text.substr(0, colon);
  if (!iequals(scheme, "sip") && !iequals(scheme, "sips")) return std::nullopt;
  text.remove_prefix(colon + 1);
  Uri uri;
  text = text.substr(0, text.find('?'));  // RFC 3261 19.1.1: headers, which nobody sends
  // A user may hold ';', so the parameters are looked for behind the '@'.
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    uri.user = text.substr(0, text.substr(0, at).find(':'));  // without a password
    if (const auto colon_at = uri.user.find('@'); colon_at != std::string::npos) uri.user.resize(colon_at);
    for (const char c : uri.user) {
      if (static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f) return std::nullopt;
    }
    text.remove_prefix(at + 1);
  }
  const auto [place, parameters] = base::split_first(text, ';');
  uri.parameters = parameters;
  if (!take_host_port(trim(place), uri.host, uri.port)) return std::nullopt;
  return uri;
}

std::optional<std::string_view> find_parameter(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    // A ';' inside quotes does not end the value.
    std::size_t end = 0;
    bool quoted = false;
    for (; end < parameters.size() && (quoted || parameters[end] != ';'); ++end) {
      if (parameters[end] == '"') quoted = !quoted;
    }
    const auto [key, value] = base::split_first(parameters.substr(0, end), '=');
    if (iequals(trim(key), name)) return trim(trim(value), "\"");
    parameters.remove_prefix(end == parameters.size() ? end : end + 1);
  }
  return std::nullopt;
}

std::string_view first_value(std::string_view text) {
  bool quoted = false, bracketed = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == '<') {
      bracketed = true;
    } else if (!quoted && c == '>') {
      bracketed = false;
    } else if (!quoted && !bracketed && c == ',') {
      return trim(text.substr(0, i));
    }
  }
  return trim(text);
}

std::optional<NameAddress> parse_name_address(std::string_view text) {
  text = first_value(text);
  std::string_view uri, parameters;
  // The bracket that opens the URI is behind a quoted display name, which may hold one too.
  std::size_t from = 0;
  if (text.starts_with('"')) {
    for (from = 1; from < text.size() && text[from] != '"'; ++from) {
      if (text[from] == '\\') ++from;
    }
  }
  const auto open = text.find('<', std::min(from, text.size()));
  if (open != std::string_view::npos) {
    const auto close = text.find('>', open);
    if (close == std::string_view::npos) return std::nullopt;
    uri = text.substr(open + 1, close - open - 1);
    parameters = text.substr(close + 1);
  } else {
    const auto parts = base::split_first(text, ';');
    uri = parts.first;
    parameters = parts.second;
  }
  auto parsed = parse_uri(uri);
  if (!parsed) return std::nullopt;
  NameAddress out{.uri = *std::move(parsed)};
  parameters = trim(parameters);
  if (parameters.starts_with(';')) parameters.remove_prefix(1);
  if (const auto tag = find_parameter(parameters, "tag")) out.tag = *tag;
  if (const auto expires = find_parameter(parameters, "expires")) {
    if (const auto number = base::parse_number(*expires)) {
      out.expires = static_cast<std::uint32_t>(std::min<std::uint64_t>(*number, 0xffffffffU));
    }
  }
  return out;
}

}  // namespace weir::sip
