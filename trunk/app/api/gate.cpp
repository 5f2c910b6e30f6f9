#include <fmt/format.h>

#include <algorithm>

#include "app/api/call.h"
#include "app/api/error.h"
#include "app/api/password.h"
#include "app/stats/system_sampler.h"
#include "base/log_limit.h"
#include "base/text.h"
#include "base/url.h"
#include "net/http/site.h"

namespace weir::api {

using http::Access;
using http::Readable;
using http::Site;
using http::Verdict;

namespace {

bool tells_streams(Access access) { return access == Access::api_streams || access == Access::page_streams; }

// What is meant for pages of any site to read: its refusal as well, so that they can tell why.
bool is_open(Access access) {
  return access == Access::api_root || access == Access::api_open || tells_streams(access);
}

// Anybody may read it, unless `allow` says who.
bool is_public(const config::HttpApi& settings, Access access) {
  return settings.allow.empty() && is_open(access) && (!tells_streams(access) || settings.public_streams);
}

// The password is asked for what SRS asks it for, all below /api/; and for the list of the page where that is not for
// everybody.
bool needs_password(const config::HttpApi& settings, Access access) {
  if (access == Access::page_streams) return !is_public(settings, access);
  return access != Access::api_root && access != Access::metrics;
}

// What of a request decides, besides the route.
struct Asked {
  std::string method;      // as JSONP or a preflight say
  bool reads = false;      // changes nothing
  bool as_script = false;  // JSONP: a page of any site can read the answer
};

Asked asked_of(const http::Request& request, Access access) {
  Asked asked;
  const auto jsonp = http::jsonp_of(request);
  asked.as_script = !jsonp || !jsonp->callback.empty();
  asked.method = jsonp ? jsonp->method : request.method;
  if (request.method == "OPTIONS") {
    asked.method = request.headers.find("Access-Control-Request-Method");
    if (asked.method.empty()) asked.method = "GET";
  }
  asked.reads = (asked.method == "GET" || asked.method == "HEAD") && access != Access::api_command;
  return asked;
}

std::vector<std::uint16_t> ports_of(const config::Config& config) {
  std::vector<std::uint16_t> ports;
  const auto add = [&ports](const std::vector<config::Endpoint>& listen) {
    for (const config::Endpoint& endpoint : listen) ports.push_back(endpoint.port);
  };
  add(config.http_server.listen);
  add(config.http_server.https.listen);
  add(config.http_api.listen);
  add(config.http_api.https.listen);
  return ports;
}

// A name that somebody could point here from outside (DNS rebinding) is not taken for ours.
bool knows_host(const config::Config& config, const std::string& own_name, const std::string& host) {
  if (http::is_local_name(host) || host == own_name) return true;
  const auto is_host = [&](const std::string& name) { return name == "*" || base::iequals(name, host); };
  if (std::ranges::any_of(config.http_api.host_names, is_host)) return true;
  if (std::ranges::any_of(config.vhosts, [&](const auto& vhost) { return base::iequals(vhost->name, host); }))
    return true;
  return std::ranges::any_of(config.http_api.crossdomain_origins, [&](const std::string& origin) {
    const auto url = base::parse_url(origin);
    return url && base::iequals(url->host, host);
  });
}

// An empty address is in no range but "all".
bool admits(const std::vector<config::AddressRange>& ranges, const std::string& address) {
  return std::ranges::any_of(ranges, [&](const config::AddressRange& range) { return range.contains(address); });
}

class Gate {
 public:
  Gate(const Context& context, hub::Hub& hub) : context_(context), hub_(hub), password_(context) {}

  Verdict judge(const http::Exchange& exchange, Access access) {
    switch (access) {
      case Access::page:
      case Access::media:
      case Access::signalling:
      case Access::health:
        return open_to_all();
      case Access::publish:
        return judge_publisher(exchange);
      default:
        return judge_api(exchange, access);
    }
  }

 private:
  static Verdict open_to_all() {
    Verdict verdict;
    verdict.readable = Readable::by_all;
    return verdict;
  }

  static Site site(const http::Request& request, const config::Config& config, const std::vector<std::string>& listed,
                   bool host_is_known) {
    const std::vector<std::uint16_t> ports = ports_of(config);
    return http::site_of(request, {listed, ports, host_is_known});
  }

  // Where a password or nothing at all is asked for, a name that leads here opens nothing.
  bool is_named(const http::Request& request, const config::Config& config, Access access) const {
    const config::HttpApi& settings = config.http_api;
    if ((settings.auth.enabled && needs_password(settings, access)) || admits(settings.allow, {})) return true;
    // Machines that collect figures go by all kinds of names, and can be told from browsers well enough.
    return knows_host(config, context_.host_name, request.host) ||
           (access == Access::metrics && !http::is_of_browser(request));
  }

  Verdict judge_publisher(const http::Exchange& exchange) {
    const auto config = hub_.config();
    const Site from = site(exchange.request(), *config, config->http_server.crossdomain_origins,
                           knows_host(*config, context_.host_name, exchange.request().host));
    Verdict verdict;
    if (from == Site::own) verdict.readable = Readable::by_its_origin;
    if (from != Site::foreign && from != Site::silent) return verdict;
    verdict.refusal = http::Reply::plain(403, "Pages of other sites may not publish here.\n");
    note(fmt::format("{} may not publish {} by a page of {}: crossdomain_origins of http_server does not name it",
                     exchange.client_address(), exchange.request().path, site_name(exchange.request())));
    return verdict;
  }

  Verdict judge_api(const http::Exchange& exchange, Access access) {
    const auto config = hub_.config();
    const config::HttpApi& settings = config->http_api;
    const http::Request& request = exchange.request();
    const Asked asked = asked_of(request, access);
    if (tells_streams(access) && !asked.reads) access = Access::api;
    const Site from = site(request, *config, settings.crossdomain_origins, is_named(request, *config, access));
    Verdict verdict;
    if (from == Site::own) {
      verdict.readable = Readable::by_its_origin;
    } else if (is_open(access) && asked.reads) {
      verdict.readable = Readable::by_all;
    }
    if (request.method == "OPTIONS") return verdict;
    if (settings.auth.enabled && needs_password(settings, access)) {
      auto refused = password_.refuse(exchange, settings.auth, [this](const std::string& what) { note(what); });
      if (refused) {
        refused->readable = verdict.readable;
        return *std::move(refused);
      }
    }
    // What a browser fetches for a page of another site is out of that page's reach, unless it changes something, says
    // its origin, or is a script.
    const bool within_reach = !asked.reads || asked.as_script || request.headers.has("Origin");
    const bool foreign = within_reach && (from == Site::foreign || from == Site::silent);
    const std::string why =
        foreign ? "it comes from a page of " + site_name(request) + ", which crossdomain_origins does not name"
                : why_not(exchange, *config, access);
    verdict.is_operator = why.empty();
    if (verdict.is_operator || (asked.reads && is_public(settings, access))) return verdict;
    note(fmt::format("{} may not ask for {}: {}", exchange.client_address(), request.path, why));
    verdict.refusal = http::json_reply(http::jsonp_of(request).value_or(http::Jsonp{}),
                                       R"({"code":403,"message":"not for you; the server's log says why"})", 403);
    return verdict;
  }

  // Why the client is not the operator; empty if it is.
  std::string why_not(const http::Exchange& exchange, const config::Config& config, Access access) const {
    const config::HttpApi& settings = config.http_api;
    const http::Request& request = exchange.request();
    const http::Client client = exchange.client();
    const std::string address = client.known ? client.address : std::string();  // which "all" alone contains
    if (admits(settings.allow, {})) return {};                                  // all
    if (settings.allow.empty() && settings.auth.enabled && needs_password(settings, access)) return {};
    // Where a password makes an operator, nobody is one whom none was asked of.
    if (access == Access::page_streams && settings.auth.enabled && !needs_password(settings, access)) {
      return "no password was asked for";
    }
    if (!client.known) return "it comes through a proxy that trusted_proxies does not name, or that names no client";
    const bool admitted = settings.allow.empty() ? !address.empty() && !stats::is_public_address(address)
                                                 : admits(settings.allow, address);
    if (!admitted) return "neither allow nor auth of http_api admits it";
    return is_named(request, config, access) ? std::string() : "host_names of http_api does not name " + request.host;
  }

  static std::string site_name(const http::Request& request) {
    for (const char* name : {"Origin", "Referer"}) {
      if (!request.headers.has(name)) continue;
      const std::string_view page = request.headers.find(name).substr(0, 128);
      return std::string(page.substr(0, page.find('?')));  // what stands behind it is nobody's business
    }
    return "a site that is not told";
  }

  void note(const std::string& what) {
    const auto times = refusals_.hit(std::chrono::steady_clock::now());
    if (times > 0) log::warn({hub_.worker().logger(), {}, {}}, "API: {} ({} times)", what, times);
  }

  // given
  const Context& context_;
  hub::Hub& hub_;

  // owned
  Password password_;

  // state
  log::Limit refusals_;
};

}  // namespace

http::Router::Gate make_gate(const Context& context, hub::Hub& hub) {
  return [gate = std::make_shared<Gate>(context, hub)](const http::Exchange& exchange, Access access) {
    return gate->judge(exchange, access);
  };
}

}  // namespace weir::api
