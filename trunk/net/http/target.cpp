#include "net/http/target.h"

#include <algorithm>

#include "base/address.h"
#include "base/text.h"
#include "net/http/error.h"
#include "net/http/text.h"
#include "net/http/url.h"

namespace weir::http {

using base::Result;

Result<std::string> host_of(std::string_view authority) {
  constexpr std::size_t longest = 255;
  if (authority.size() > longest) return Errc::bad_host;
  std::size_t end = authority.find(':');
  const bool is_v6 = authority.starts_with('[');
  if (is_v6) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return Errc::bad_host;
    end = bracket + 1 == authority.size() ? std::string_view::npos : bracket + 1;
  }
  std::string_view port = end == std::string_view::npos ? std::string_view() : authority.substr(end);
  const std::string_view host = authority.substr(0, end);
  if (!port.empty() && port.front() != ':') return Errc::bad_host;
  if (!port.empty()) port.remove_prefix(1);
  if (!std::all_of(port.begin(), port.end(), is_digit)) return Errc::bad_host;
  if (is_v6) {
    const std::string_view inside = host.substr(1, host.size() - 2);
    if (inside.find(':') == std::string_view::npos || !base::numeric_address(inside)) return Errc::bad_host;
  } else if (!is_host_name(host)) {
    return Errc::bad_host;
  }
  return base::lower(host);
}

Result<void> apply_target(Request& request) {
  std::string_view target = request.target;
  if (target.find('#') != std::string_view::npos) return Errc::bad_target;  // a fragment is never sent (RFC 9112 3.2)
  if (target.empty()) return Errc::bad_target;
  if (target == "*" && request.method == "OPTIONS") {
    request.path = "*";
    return {};
  }
  if (target.front() != '/') {
    const std::size_t colon = target.find("://");
    const std::string scheme = base::lower(target.substr(0, colon));
    if (colon == std::string_view::npos || (scheme != "http" && scheme != "https")) return Errc::bad_target;
    target.remove_prefix(colon + 3);
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    if (end == 0) return Errc::bad_target;
    TRY(request.host, host_of(target.substr(0, end)));
    target.remove_prefix(end);
  }
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  TRY(request.path, normalise_path(path.empty() ? "/" : path));
  // What routing goes by instead of the Host header is as strictly a host.
  for (const std::string_view name : {"vhost", "domain"}) {
    const auto value = request.query_value(name);
    if (!value || value->empty()) continue;
    const auto host = host_of(*value);
    if (!host || host->size() != value->size()) return Errc::bad_virtual_host;
  }
  return {};
}

}  // namespace weir::http
