#include "session/hls/guard.h"

#include <algorithm>

namespace weir::session::hls {

namespace {

// As auth::check_address judges: a rule about players, or any that lets somebody in and so keeps the others out.
bool judges_addresses(const config::Security& security) {
  if (!security.enabled) return false;
  return security.rules.empty() ||
         std::any_of(security.rules.begin(), security.rules.end(), [](const config::Security::Rule& rule) {
           return rule.allow || rule.action == config::Security::Action::play;
         });
}

}  // namespace

bool judges_players(const config::Vhost& vhost) {
  const config::Refer& refer = vhost.refer;
  return (vhost.auth.enabled && vhost.auth.play) || judges_addresses(vhost.security) ||
         (refer.enabled && refer.http && !(refer.all.empty() && refer.play.empty())) ||
         (vhost.http_hooks.enabled && !vhost.http_hooks.on_play.empty());
}

bool guarded(const config::Vhost& vhost) { return vhost.hls.guard && judges_players(vhost); }

}  // namespace weir::session::hls
