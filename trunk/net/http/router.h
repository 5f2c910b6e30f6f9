#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/access.h"
#include "net/http/request.h"
#include "net/task.h"

namespace weir::http {

class Exchange;
using Handler = std::function<net::Task<void>(Exchange&)>;

inline constexpr std::uint64_t usual_body = 1024 * 1024;
inline constexpr std::uint64_t unlimited_body = ~std::uint64_t{0};

struct Route {
  // There is no route that does not say whom it is for.
  Route(Access whom, Handler handles, std::uint64_t largest_body = usual_body)
      : access(whom), handler(std::move(handles)), body_limit(largest_body) {}

  Access access;
  Handler handler;
  std::uint64_t body_limit;  // a request that announces a larger body gets 413 before the handler runs
};

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
  // Judges a request by the access of the route that matched it.
  using Gate = std::function<Verdict(const Exchange&, Access)>;

  void add(std::string_view pattern, Access access, Handler handler, std::uint64_t body_limit = usual_body);
  void add_matcher(Matcher matcher) { matchers_.push_back(std::move(matcher)); }
  // Asked before the handler of that pattern, which is there: what a folder serves beside its files. The route that it
  // gives is judged by its own access.
  void add_within(std::string_view pattern, Matcher matcher);
  void set_gate(Gate gate) { gate_ = std::move(gate); }

  struct Found {
    std::optional<Route> route;
    std::string redirect;  // not empty: answer 302 with this location, if the route there admits the request
  };
  // Neither: 404.
  Found find(const Request& request) const;
  // Without a gate nothing is served but what is for anybody.
  Verdict judge(const Exchange& exchange, Access access) const;
  // Each pattern with its route, for tests that look at all of them.
  void for_each(const std::function<void(const std::string& pattern, const Route&)>& look) const;

 private:
  // Host and path: two that are written one behind the other can be written as another two.
  using Place = std::pair<std::string, std::string>;
  static Place place_of(std::string_view pattern);
  struct Entry {
    Route route;
    Matcher within{};
  };
  const Entry* match(const std::string& host, const std::string& path, bool& is_root) const;
  const Entry* exactly(const std::string& host, const std::string& path) const;

  std::map<Place, Entry> patterns_;
  std::vector<Matcher> matchers_;
  Gate gate_;
};

}  // namespace weir::http
