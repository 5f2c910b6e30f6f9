#include "net/http/client_address.h"

#include <algorithm>

#include <optional>
#include <vector>

#include "base/address.h"
#include "base/text.h"
#include "net/http/text.h"

namespace weir::http {

namespace {

using Hops = std::vector<std::optional<std::string>>;  // the nearest proxy's word last

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]" or "[2001:db8::1]:80", and nothing else.
std::optional<std::string> address_of(std::string_view text) {
  text = base::trim(text);
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    port = text.substr(end + 1);
    text = text.substr(1, end - 1);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  } else if (const std::size_t colon = text.find(':'); colon == text.rfind(':') && colon != std::string_view::npos) {
    port = text.substr(colon);
    text = text.substr(0, colon);
  }
  if (!port.empty()) {
    const auto number = base::parse_number(port.substr(1));
    if (port.front() != ':' || !number || *number > 65535) return std::nullopt;
  }
  return base::numeric_address(text);
}

// Calls `take` with each part between separators that do not stand inside a quoted string (RFC 9110 5.6.4).
template <class Take>
bool split(std::string_view text, char separator, const Take& take) {
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == separator && !quoted) {
      take(base::trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  if (quoted) return false;
  take(base::trim(text.substr(begin)));
  return true;
}

// RFC 7239 4: for=192.0.2.43;proto=http, For="[2001:db8:cafe::17]:4711". A name or "unknown" is no address.
std::optional<std::string> forwarded_for(std::string_view element) {
  std::optional<std::string> found;
  bool sound = true;
  split(element, ';', [&](std::string_view pair) {
    std::string_view value = pair;
    const std::string_view name = base::trim(cut_front(value, '='));
    if (!base::iequals(name, "for")) return;
    if (found) sound = false;
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    if (quoted) value = value.substr(1, value.size() - 2);
    found = address_of(value);
    // An IPv6 address must be in brackets, and these must be quoted.
    if (!found || (value.find(':') != std::string_view::npos && !quoted)) sound = false;
  });
  return sound ? found : std::nullopt;
}

Hops hops_of(const Headers& headers, std::string_view wanted, bool forwarded) {
  Hops hops;
  for (std::size_t i = 0; i < headers.size(); ++i) {  // several fields are one list (RFC 9110 5.3)
    if (!base::iequals(headers.name(i), wanted)) continue;
    const bool whole = split(headers.value(i), ',', [&](std::string_view element) {
      hops.push_back(forwarded ? forwarded_for(element) : address_of(element));
    });
    if (!whole) hops.emplace_back(std::nullopt);
  }
  return hops;
}

// Each proxy writes whom it was asked by at the end of the list, so it is read from there, as long as who wrote is
// trusted: what stands before the first that is not may be anybody's invention.
Client walk(const Hops& hops, const TrustsProxy& trusts) {
  Client client{std::string(unknown_address), false};
  for (std::size_t i = hops.size(); i-- > 0;) {
    if (!hops[i]) return {std::string(unknown_address), false};
    client = {*hops[i], true};
    if (!trusts(client.address)) break;
  }
  return client;
}

// What proxies and content networks put into what they pass on. Whoever is behind one is not known by its peer's
// address, whichever of these it speaks; a sign that is missing here makes strangers look like neighbours.
constexpr std::string_view signs[] = {"Forwarded",
                                      "Via",
                                      "CDN-Loop",
                                      "X-Forwarded",
                                      "X-Real-IP",
                                      "X-Client-IP",
                                      "Client-IP",
                                      "True-Client-IP",
                                      "X-Cluster-Client-IP",
                                      "Proxy-Client-IP",
                                      "WL-Proxy-Client-IP",
                                      "X-Remote-IP",
                                      "X-Remote-Addr",
                                      "X-Originating-IP",
                                      "X-ProxyUser-Ip",
                                      "X-Varnish",
                                      "Surrogate-Capability",
                                      "DO-Connecting-IP"};
constexpr std::string_view families[] = {"X-Forwarded-", "X-Original-", "X-Envoy-",  "X-Azure-",    "X-Amz-Cf-",
                                         "X-Vercel-",    "X-Nf-",       "CF-",       "Fastly-",     "Fly-",
                                         "CloudFront-",  "Akamai-",     "X-Akamai-", "X-Appengine-"};

bool was_relayed(const Headers& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string_view name = headers.name(i);
    const auto is = [name](std::string_view sign) { return base::iequals(name, sign); };
    const auto begins = [name](std::string_view family) {
      return base::iequals(name.substr(0, family.size()), family);
    };
    if (std::ranges::any_of(signs, is) || std::ranges::any_of(families, begins)) return true;
  }
  return false;
}

}  // namespace

Client client_of(const Headers& headers, const std::string& peer, const TrustsProxy& trusts, ForwardedBy by) {
  const bool relayed = was_relayed(headers);
  if (!trusts || !trusts(peer) || !relayed) return {peer, !relayed};
  const auto read = [&](std::string_view name, bool forwarded = false) {
    return walk(hops_of(headers, name, forwarded), trusts);
  };
  switch (by) {
    case ForwardedBy::x_forwarded_for:
      return read("X-Forwarded-For");
    case ForwardedBy::forwarded:
      return read("Forwarded", true);
    case ForwardedBy::x_real_ip:
      return read("X-Real-IP");
    case ForwardedBy::either:
      break;
  }
  if (!headers.has("X-Forwarded-For")) return read("Forwarded", true);
  Client client = read("X-Forwarded-For");
  if (headers.has("Forwarded") && read("Forwarded", true).address != client.address) client.known = false;
  return client;
}

}  // namespace weir::http
