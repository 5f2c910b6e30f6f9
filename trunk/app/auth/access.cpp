#include "app/auth/access.h"

#include <algorithm>

#include "app/auth/rules.h"
#include "app/auth/token.h"
#include "net/http/url.h"

namespace weir::auth {

using base::Result;

namespace {

constexpr std::chrono::seconds watchdog_slack{1};

std::string token_of(const hub::Request& request, const std::string& parameter) {
  std::string_view query = request.param;
  if (query.starts_with('?')) query.remove_prefix(1);
  return http::query_value(query, parameter).value_or("");
}

bool is_asked_for(const config::Auth& auth, hub::Action action) {
  return auth.enabled && (action == hub::Action::publish ? auth.publish : auth.play);
}

Result<void> counted(Result<void> result, Figures::Count& count) {
  if (!result) count.fetch_add(1, std::memory_order_relaxed);
  return result;
}

}  // namespace

Access::Access(hub::Hub& hub, Quotas& quotas, KeySets& key_sets, Figures& figures)
    : hub_(hub), quotas_(quotas), key_sets_(key_sets), figures_(figures) {
  hub_.admission().add([this](net::Life& life, const hub::Request& request, hub::Action action, hub::Permit& permit) {
    return admit(life, request, action, permit);
  });
}

std::shared_ptr<const config::Vhost> Access::vhost_of(const hub::Request& request) const {
  auto vhost = hub_.config()->match_vhost(request.vhost->name);
  return vhost ? vhost : request.vhost;
}

// Keys that have to be fetched are waited for here; everything else is judged without waiting.
net::Task<Result<void>> Access::admit(net::Life& life, const hub::Request& request, hub::Action action,
                                      hub::Permit& permit) {
  const auto vhost = vhost_of(request);
  const config::Auth& auth = vhost->auth;
  if (is_asked_for(auth, action) && auth.scheme == config::Auth::Scheme::jwt && !auth.jwks.empty()) {
    if (const std::string token = token_of(request, auth.parameter); !token.empty()) {
      life.watchdog.arm(KeySets::fetch_limit + watchdog_slack);
      co_await key_sets_.prepare(hub_.worker(), auth, key_id_of(token));
      if (life.stopping()) co_return net::Errc::stopped;
    }
  }
  co_return check(request, action, permit);
}

Result<void> Access::check(const hub::Request& request, hub::Action action, hub::Permit& permit) {
  const auto vhost = vhost_of(request);
  auto seat = quotas_.take(request, action, vhost->stream_limits);
  if (!seat) return counted(seat.error(), figures_.by_limit);
  permit.hold(std::move(*seat));
  TRY_VOID(counted(check_address(vhost->security, request, action), figures_.by_address));
  TRY_VOID(counted(check_refer(vhost->refer, request, action), figures_.by_refer));
  return counted(check_token(vhost->auth, request, action), figures_.by_token);
}

Result<std::string> Access::key(const std::string& text, const std::string& file) {
  auto key = secrets_.key(text, file);
  if (key) return key;
  if (const auto times = bad_keys_.hit(std::chrono::steady_clock::now())) {
    log::error({hub_.worker().logger(), {}, {}}, "auth: cannot read {}: {}; {} clients were refused", file,
               key.error().message(), times);
  }
  return Errc::no_key;
}

Result<void> Access::check_token(const config::Auth& auth, const hub::Request& request, hub::Action action) {
  if (!is_asked_for(auth, action)) return {};
  const std::string token = token_of(request, auth.parameter);
  if (token.empty()) return Errc::no_token;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto leeway = std::chrono::duration_cast<std::chrono::seconds>(auth.leeway);
  TRY(const std::string secret, key(auth.secret, auth.secret_file));
  if (auth.scheme == config::Auth::Scheme::hmac) return check_signed_url(token, secret, request, action, now, leeway);
  TRY(const std::string public_key,
      auth.jwks.empty() ? key({}, auth.public_key_file) : Result<std::string>(std::string()));
  const auto set = auth.jwks.empty() ? nullptr : key_sets_.find(auth);
  if (!set && secret.empty() && public_key.empty()) return Errc::no_key;
  TRY(const Claims claims, verify_jwt(token, {secret, public_key, set.get()}, now, leeway));
  if (!auth.issuer.empty() && claims.issuer != auth.issuer) return Errc::other_audience;
  if (!auth.audience.empty() &&
      std::find(claims.audiences.begin(), claims.audiences.end(), auth.audience) == claims.audiences.end()) {
    return Errc::other_audience;
  }
  return claims.allow(request, action);
}

}  // namespace weir::auth
