#include "net/http/router.h"

#include "base/text.h"
#include "base/url.h"

namespace weir::http {

void Router::add(std::string pattern, Handler handler, std::uint64_t body_limit) {
  patterns_.insert_or_assign(std::move(pattern), Route{std::move(handler), body_limit});
}

// The longest pattern of that host prefix that covers the path.
const Route* Router::match(const std::string& prefix, const std::string& path, bool& is_root) const {
  is_root = false;
  std::string pattern = prefix + path;
  if (const auto exact = patterns_.find(pattern); exact != patterns_.end()) {
    is_root = path == "/";
    return &exact->second;
  }
  for (;;) {
    const std::size_t slash = pattern.rfind('/');
    if (slash == std::string::npos || slash < prefix.size()) return nullptr;
    pattern.resize(slash + 1);
    if (const auto found = patterns_.find(pattern); found != patterns_.end()) {
      is_root = slash == prefix.size();
      return &found->second;
    }
    pattern.resize(slash);
  }
}

Router::Found Router::find(const Request& request) const {
  const std::string host = request.virtual_host();
  bool host_is_root = false;
  bool is_root = false;
  const Route* of_host = host.empty() ? nullptr : match(host, request.path, host_is_root);
  const Route* route = match("", request.path, is_root);
  const bool route_is_better = !of_host || (host_is_root && route && !is_root);
  const std::string prefix = route_is_better ? std::string() : host;
  if (!route_is_better) {
    route = of_host;
    is_root = host_is_root;
  }

  // "/x" exists only as "/x/": the folder is meant, and links inside its pages work only from there.
  const bool exact = patterns_.contains(prefix + request.path);
  for (const std::string& place : {host, std::string()}) {
    if (exact || request.path.ends_with('/') || !patterns_.contains(place + request.path + "/")) continue;
    // From the decoded path: the target as sent could begin with "//" and lead to another host.
    std::string location = base::replace_all(base::percent_encode(request.path), "%2F", "/") + "/";
    if (!request.query.empty()) location.append("?").append(request.query);
    return {std::nullopt, std::move(location)};
  }

  if (!route || is_root) {
    for (const Matcher& matcher : matchers_) {
      if (auto matched = matcher(request)) return {std::move(matched), {}};
    }
  }
  if (!route) return {};
  return {*route, {}};
}

}  // namespace weir::http
