#include "net/http/site.h"

#include <algorithm>
#include <optional>

#include "base/address.h"
#include "base/text.h"
#include "base/url.h"
#include "net/http/text.h"

namespace weir::http {

namespace {

struct Authority {
  std::string host;
  std::uint16_t port = 0;
};

// Of "https://example.org:8443/x"; none of "null".
std::optional<Authority> authority_of(std::string_view origin) {
  const auto url = base::parse_url(origin);
  if (!url || (url->scheme != "http" && url->scheme != "https")) return std::nullopt;
  return Authority{base::lower(url->host),
                   url->port != 0 ? url->port : std::uint16_t(url->scheme == "https" ? 443 : 80)};
}

std::string origin_of(std::string_view page) {
  const auto url = base::parse_url(page);
  return url ? url->scheme + "://" + base::format_host_port(url->host, url->port) : std::string();
}

// The scheme is not known behind a proxy that ends TLS: a port that is left out is that of the origin's.
bool is_own(std::string_view origin, const Request& request, const OwnOrigins& own) {
  if (is_listed(origin, own.listed)) return true;
  const auto page = authority_of(origin);
  const auto asked = base::parse_host_port(request.headers.find("Host"));
  if (!own.host_is_known || !page || !asked || base::lower(asked->first) != page->host) return false;
  if (asked->second == 0 ? page->port == 80 || page->port == 443 : page->port == asked->second) return true;
  return std::find(own.ports.begin(), own.ports.end(), page->port) != own.ports.end();
}

}  // namespace

bool is_listed(std::string_view origin, std::span<const std::string> listed) {
  return std::any_of(listed.begin(), listed.end(), [&](const std::string& one) {
    return one == "*" || base::iequals(one.ends_with('/') ? one.substr(0, one.size() - 1) : one, origin);
  });
}

Site site_of(const Request& request, const OwnOrigins& own) {
  if (std::find(own.listed.begin(), own.listed.end(), "*") != own.listed.end()) return Site::own;
  const Headers& headers = request.headers;
  const bool fetched = headers.has("Sec-Fetch-Site");
  const std::string_view said = headers.find("Sec-Fetch-Site");
  if (own.host_is_known && (said == "same-origin" || said == "none")) return Site::own;
  for (const std::string_view name : {"Origin", "Referer"}) {
    if (!headers.has(name)) continue;
    const std::string_view page = headers.find(name);
    return is_own(name == "Referer" ? origin_of(page) : std::string(page), request, own) ? Site::own : Site::foreign;
  }
  if (fetched) return Site::foreign;
  return headers.find("User-Agent").find("Mozilla/") == std::string_view::npos ? Site::direct : Site::silent;
}

bool is_of_browser(const Request& request) {
  const Headers& headers = request.headers;
  for (const std::string_view name : {"Sec-Fetch-Site", "Sec-Fetch-Mode", "Origin", "Referer", "Accept-Language"}) {
    if (headers.has(name)) return true;
  }
  return headers.find("User-Agent").find("Mozilla/") != std::string_view::npos;
}

bool is_local_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.starts_with('[') || base::numeric_address(host)) return true;
  if (host.find('.') == std::string_view::npos) return true;
  return std::ranges::any_of(std::initializer_list<std::string_view>{".localhost", ".local", ".internal", ".home.arpa"},
                             [&](std::string_view ending) { return host.ends_with(ending); });
}

}  // namespace weir::http
