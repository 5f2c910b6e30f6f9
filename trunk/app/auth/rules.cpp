#include "app/auth/rules.h"

#include <algorithm>

#include "base/text.h"
#include "base/url.h"
#include "session/common/protocol.h"

namespace weir::auth {

using base::Result;
using config::Security;

namespace {

bool matches(const Security::Rule& rule, const hub::Request& request, hub::Action action) {
  const bool publishes = rule.action == Security::Action::publish;
  if (publishes != (action == hub::Action::publish)) return false;
  if (!rule.protocols.empty()) {
    const std::string_view protocol = session::protocol_of(request).name;
    if (std::find(rule.protocols.begin(), rule.protocols.end(), protocol) == rule.protocols.end()) return false;
  }
  return rule.range.contains(request.peer.address);
}

bool is_of_domain(std::string_view host, std::string_view domain) {
  while (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.empty() || host.size() < domain.size()) return false;
  const std::size_t before = host.size() - domain.size();
  // At a label: "evil-example.com" is none of example.com, which SRS would let pass.
  return base::iequals(host.substr(before), domain) && (before == 0 || host[before - 1] == '.');
}

}  // namespace

Result<void> check_address(const Security& security, const hub::Request& request, hub::Action action) {
  if (!security.enabled) return {};
  bool allowed = false, any_allow = false;
  for (const Security::Rule& rule : security.rules) {
    any_allow = any_allow || rule.allow;
    if (!matches(rule, request, action)) continue;
    if (!rule.allow) return Errc::address_denied;
    allowed = true;
  }
  if (allowed || (!any_allow && !security.rules.empty())) return {};
  return Errc::address_not_allowed;
}

Result<void> check_refer(const config::Refer& refer, const hub::Request& request, hub::Action action) {
  if (!refer.enabled) return {};
  const session::Protocol& protocol = session::protocol_of(request);
  if (protocol.id != session::protocols::rtmp.id && (!refer.http || protocol.pageless)) return {};
  const auto page = base::parse_url(request.facts.find(session::facts::page_url));
  const std::string_view host = page ? std::string_view(page->host) : std::string_view();
  for (const auto* domains : {&refer.all, action == hub::Action::publish ? &refer.publish : &refer.play}) {
    if (domains->empty()) continue;
    const bool known = std::any_of(domains->begin(), domains->end(),
                                   [&](const std::string& domain) { return is_of_domain(host, domain); });
    if (!known) return Errc::refer;
  }
  return {};
}

}  // namespace weir::auth
