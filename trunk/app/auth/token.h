#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "app/auth/error.h"
#include "hub/request.h"

namespace weir::auth {

using UnixTime = std::chrono::sys_seconds;

// Signed URLs: the value of the parameter is "EXPIRY-SIGNATURE", the expiry in seconds since 1970 and the signature in
// hex: HMAC-SHA256 of "ACTION\nURL\nEXPIRY", with "publish" or "play" and hub::Request::url().
base::Result<void> check_signed_url(std::string_view value, std::string_view key, const hub::Request& request,
                                    hub::Action action, UnixTime now, std::chrono::seconds leeway);
std::string sign_url(std::string_view key, const hub::Request& request, hub::Action action, UnixTime expiry);

// What a JSON Web Token may be signed with: HS256 needs the secret, RS256 an RSA and ES256 a P-256 public key.
struct JwtKeys {
  std::string_view secret;
  std::string_view public_key_pem;
};

// What a token says. A claim that it does not make allows everything; texts may be "*", or end in '*' for whatever
// begins so.
struct Claims {
  std::chrono::duration<double> expiry{};      // since 1970
  std::chrono::duration<double> not_before{};  // 0: none
  std::vector<std::string> vhosts, apps, streams, actions, audiences;
  std::string issuer;

  base::Result<void> allow(const hub::Request& request, hub::Action action) const;
};

// Checks form (RFC 7515, RFC 7519), algorithm, signature, expiry and nbf. An expiry must be there; "crit" is refused.
base::Result<Claims> verify_jwt(std::string_view token, const JwtKeys& keys, UnixTime now, std::chrono::seconds leeway);

}  // namespace weir::auth
