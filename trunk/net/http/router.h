#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/task.h"

namespace weir::http {

class Exchange;
using Handler = std::function<net::Task<void>(Exchange&)>;

struct Route {
  Handler handler;
  // A request that announces a larger body gets 413 before the handler runs.
  std::uint64_t body_limit = 1024 * 1024;
};
inline constexpr std::uint64_t unlimited_body = ~std::uint64_t{0};

// Which handler serves a request. Patterns as SRS and Go's mux have them: one that ends in '/' serves all below it, any
// other exactly itself; the longest wins; one may begin with a host name, which then goes before those without. "/x" is
// redirected to "/x/" when only that exists. Matchers serve what patterns cannot name ("[app]/[stream].flv"): they are
// asked in order when nothing but a root ("/" or "host/") matches. A host's root yields to any other pattern without
// host, so that a vhost with a static root still has the API.
//
// Filled once before the first request, then shared read-only by all connections of its worker.
class Router {
 public:
  using Matcher = std::function<std::optional<Route>(const Request&)>;
  // An answer that forestalls routing (authentication), after CORS preflight.
  using Gate = std::function<std::optional<Reply>(const Request&)>;

  void add(std::string pattern, Handler handler, std::uint64_t body_limit = Route{}.body_limit);
  void add_matcher(Matcher matcher) { matchers_.push_back(std::move(matcher)); }
  void set_gate(Gate gate) { gate_ = std::move(gate); }

  struct Found {
    std::optional<Route> route;
    std::string redirect;  // not empty: answer 302 with this location
  };
  // Neither: 404.
  Found find(const Request& request) const;
  std::optional<Reply> gate(const Request& request) const { return gate_ ? gate_(request) : std::nullopt; }

 private:
  const Route* match(const std::string& prefix, const std::string& path, bool& is_root) const;

  std::map<std::string, Route, std::less<>> patterns_;
  std::vector<Matcher> matchers_;
  Gate gate_;
};

}  // namespace weir::http
