#include "net/http/router.h"

#include "base/text.h"
#include "base/url.h"

namespace weir::http {

Router::Place Router::place_of(std::string_view pattern) {
  const std::size_t slash = std::min(pattern.find('/'), pattern.size());
  return {std::string(pattern.substr(0, slash)), std::string(pattern.substr(slash))};
}

void Router::add(std::string_view pattern, Access access, Handler handler, std::uint64_t body_limit) {
  patterns_.insert_or_assign(place_of(pattern), Entry{Route(access, std::move(handler), body_limit)});
}

void Router::add_within(std::string_view pattern, Matcher matcher) {
  patterns_.at(place_of(pattern)).within = std::move(matcher);
}

const Router::Entry* Router::exactly(const std::string& host, const std::string& path) const {
  const auto found = patterns_.find(Place(host, path));
  return found == patterns_.end() ? nullptr : &found->second;
}

// The longest pattern of that host that covers the path.
const Router::Entry* Router::match(const std::string& host, const std::string& path, bool& is_root) const {
  is_root = path == "/";
  if (const Entry* exact = exactly(host, path)) return exact;
  std::string pattern = path;
  for (;;) {
    const std::size_t slash = pattern.rfind('/');
    if (slash == std::string::npos) return nullptr;
    pattern.resize(slash + 1);
    is_root = slash == 0;
    if (const Entry* found = exactly(host, pattern)) return found;
    pattern.resize(slash);
  }
}

Router::Found Router::find(const Request& request) const {
  const std::string host = request.virtual_host();
  bool host_is_root = false;
  bool is_root = false;
  const Entry* of_host = host.empty() ? nullptr : match(host, request.path, host_is_root);
  const Entry* route = match("", request.path, is_root);
  const bool route_is_better = !of_host || (host_is_root && route && !is_root);
  const std::string prefix = route_is_better ? std::string() : host;
  if (!route_is_better) {
    route = of_host;
    is_root = host_is_root;
  }

  // "/x" exists only as "/x/": the folder is meant, and links inside its pages work only from there.
  const bool exact = exactly(prefix, request.path) != nullptr;
  for (const std::string& place : {host, std::string()}) {
    if (exact || request.path.ends_with('/')) break;
    const Entry* folder = exactly(place, request.path + "/");
    if (!folder) continue;
    // From the decoded path: the target as sent could begin with "//" and lead to another host.
    std::string location = base::replace_all(base::percent_encode(request.path), "%2F", "/") + "/";
    if (!request.query.empty()) location.append("?").append(request.query);
    return {folder->route, std::move(location)};
  }

  if (!route || is_root) {
    for (const Matcher& matcher : matchers_) {
      if (auto matched = matcher(request)) return {std::move(matched), {}};
    }
  }
  if (!route) return {};
  if (route->within) {
    if (auto matched = route->within(request)) return {std::move(matched), {}};
  }
  return {route->route, {}};
}

Verdict Router::judge(const Exchange& exchange, Access access) const {
  if (gate_) return gate_(exchange, access);
  Verdict verdict;
  verdict.readable = Readable::by_all;
  if (access == Access::page || access == Access::media || access == Access::health) return verdict;
  verdict.refusal = Reply::of_status(403);
  return verdict;
}

void Router::for_each(const std::function<void(const std::string&, const Route&)>& look) const {
  for (const auto& [place, entry] : patterns_) look(place.first + place.second, entry.route);
}

}  // namespace weir::http
