#include "base/redact.h"

#include "base/text.h"

namespace weir::base {

namespace {

constexpr std::string_view hidden = "***";

bool is_public(std::string_view name) { return name == "vhost" || name == "domain"; }

}  // namespace

std::string without_credentials(std::string text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const std::size_t from = at + 3;
    const std::size_t end = text.find_first_of("/?# ", from);
    const std::size_t sign = text.substr(0, end).rfind('@');
    if (sign != std::string::npos && sign >= from) text.replace(from, sign - from, hidden);
  }
  return text;
}

std::string without_secrets(std::string_view url) {
  const std::size_t mark = url.find('?');
  std::string out = without_credentials(std::string(url.substr(0, mark)));
  if (mark == std::string_view::npos) return out;
  char before = '?';
  for (const std::string_view parameter : split(url.substr(mark + 1), '&')) {
    const auto [name, value] = split_first(parameter, '=');
    out += before;
    out += name;
    if (parameter.size() > name.size()) {
      out += '=';
      out += is_public(name) || value.empty() ? value : hidden;
    }
    before = '&';
  }
  return out;
}

}  // namespace weir::base
