#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/auth/base64url.h"
#include "app/auth/key_set.h"
#include "app/auth/token.h"
#include "base/digest.h"
#include "base/text.h"

namespace weir::auth {

using base::Result;
using Json = nlohmann::json;

namespace {

constexpr std::size_t most_token_bytes = 8 * 1024;
constexpr std::size_t most_values = 64;
constexpr double year_9999 = 253'402'300'799.0;

// RFC 7515 4.1
struct Header {
  std::string algorithm, key_id;
};

Result<Header> read_header(std::string_view coded) {
  const auto text = decode_base64url(coded);
  if (!text) return Errc::bad_token;
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || json.contains("crit")) return Errc::bad_token;  // 4.1.11
  Header header;
  const auto algorithm = json.find("alg");
  if (algorithm == json.end() || !algorithm->is_string()) return Errc::bad_token;
  header.algorithm = algorithm->get<std::string>();
  if (const auto id = json.find("kid"); id != json.end()) {
    if (!id->is_string()) return Errc::bad_token;
    header.key_id = id->get<std::string>();
    if (header.key_id.size() > KeySet::most_id_bytes) return Errc::bad_token;
  }
  return header;
}

// The algorithm is what the token says and what the configured key is for, both: a public key is never an HMAC secret,
// and a set of public keys holds none.
Result<void> check_signature(const Header& header, std::string_view text, std::string_view signature,
                             const JwtKeys& keys) {
  if (header.algorithm == "HS256") {
    if (keys.secret.empty()) return Errc::bad_algorithm;
    const base::Sha256 wanted = base::hmac_sha256(base::as_bytes(keys.secret), {base::as_bytes(text)});
    if (!base::equal_secret(base::as_bytes(signature), wanted)) return Errc::bad_signature;
    return {};
  }
  if (keys.set) return keys.set->check(header.key_id, header.algorithm, text, signature);
  if (keys.public_key_pem.empty()) return Errc::bad_algorithm;
  TRY(const PublicKey key, PublicKey::from_pem(keys.public_key_pem));
  return key.check(header.algorithm, text, signature);
}

// A text or a list of texts; anything else would be a claim that we do not understand.
bool read_texts(const Json& claims, const char* name, std::vector<std::string>& out) {
  const auto found = claims.find(name);
  if (found == claims.end()) return true;
  if (found->is_string()) {
    out.push_back(found->get<std::string>());
    return true;
  }
  if (!found->is_array() || found->empty() || found->size() > most_values) return false;
  for (const Json& one : *found) {
    if (!one.is_string()) return false;
    out.push_back(one.get<std::string>());
  }
  return true;
}

bool read_time(const Json& claims, const char* name, std::chrono::duration<double>& out) {
  const auto found = claims.find(name);
  if (found == claims.end()) return true;
  if (!found->is_number()) return false;
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= year_9999)) return false;
  out = std::chrono::duration<double>(seconds);
  return true;
}

Result<Claims> read_claims(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return Errc::bad_token;
  Claims claims;
  if (!json.contains("exp")) return Errc::no_expiry;
  if (!read_time(json, "exp", claims.expiry) || !read_time(json, "nbf", claims.not_before)) return Errc::bad_token;
  if (!read_texts(json, "vhost", claims.vhosts) || !read_texts(json, "app", claims.apps) ||
      !read_texts(json, "stream", claims.streams) || !read_texts(json, "action", claims.actions) ||
      !read_texts(json, "aud", claims.audiences)) {
    return Errc::bad_token;
  }
  if (const auto issuer = json.find("iss"); issuer != json.end()) {
    if (!issuer->is_string()) return Errc::bad_token;
    claims.issuer = issuer->get<std::string>();
  }
  return claims;
}

bool admits(const std::vector<std::string>& patterns, std::string_view value) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
           if (!pattern.ends_with('*')) return value == pattern;
           return value.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
         });
}

}  // namespace

Result<Claims> verify_jwt(std::string_view token, const JwtKeys& keys, UnixTime now, std::chrono::seconds leeway) {
  if (token.size() > most_token_bytes) return Errc::bad_token;
  const auto parts = base::split(token, '.');
  if (parts.size() != 3) return Errc::bad_token;
  const auto claims_text = decode_base64url(parts[1]), signature = decode_base64url(parts[2]);
  if (!claims_text || !signature) return Errc::bad_token;

  TRY(const Header header, read_header(parts[0]));
  const std::string_view signed_text = token.substr(0, parts[0].size() + 1 + parts[1].size());
  TRY_VOID(check_signature(header, signed_text, *signature, keys));

  TRY(Claims claims, read_claims(*claims_text));
  const std::chrono::duration<double> time = now.time_since_epoch();
  if (time >= claims.expiry + leeway) return Errc::expired;     // RFC 7519 4.1.4
  if (time < claims.not_before - leeway) return Errc::not_yet;  // 4.1.5
  return claims;
}

std::string key_id_of(std::string_view token) {
  if (token.size() > most_token_bytes) return {};
  const auto header = read_header(token.substr(0, token.find('.')));
  return header && header->algorithm != "HS256" ? header->key_id : std::string();
}

Result<void> Claims::allow(const hub::Request& request, hub::Action action) const {
  if (!admits(vhosts, request.vhost->name) || !admits(apps, request.app) || !admits(streams, request.stream))
    return Errc::other_stream;
  if (!admits(actions, action == hub::Action::publish ? "publish" : "play")) return Errc::other_action;
  return {};
}

}  // namespace weir::auth
