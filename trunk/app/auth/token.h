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

class KeySet;

// What a JSON Web Token may be signed with: HS256 needs the secret; RS256 and PS256 to PS512 an RSA, ES256 a P-256 and
// EdDSA an Ed25519 public key, which is one of the set if there is one.
struct JwtKeys {
  std::string_view secret;
  std::string_view public_key_pem;
  const KeySet* set = nullptr;
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
// The public key that it says it is signed with (RFC 7515 4.1.4), unverified; empty if it names none.
std::string key_id_of(std::string_view token);

}  // namespace weir::auth
