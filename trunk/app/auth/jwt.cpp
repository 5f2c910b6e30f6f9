#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/auth/token.h"
#include "base/digest.h"
#include "base/text.h"

namespace weir::auth {

using base::Result;
using Json = nlohmann::json;

namespace {

constexpr std::size_t most_token_bytes = 8 * 1024;
constexpr std::size_t most_values = 64;
constexpr int fewest_rsa_bits = 2048;  // RFC 7518 3.3
constexpr double year_9999 = 253'402'300'799.0;

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
template <class T, void (*release)(T*)>
using Owned = std::unique_ptr<T, Release<T, release>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

// RFC 7515 2: the URL's alphabet, no padding, and no bits left over that could differ without meaning anything.
std::optional<std::string> decode_base64url(std::string_view text) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  unsigned held = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = held << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(held >> bits & 0xff);
    held &= (1U << bits) - 1;
  }
  if (held != 0) return std::nullopt;
  return out;
}

Key read_key(std::string_view pem) {
  const Owned<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  return key;
}

// RFC 7518 3.4: R and S, 32 bytes each; OpenSSL wants them in DER.
std::string der_of(std::string_view signature) {
  if (signature.size() != 64) return {};
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  Owned<BIGNUM, BN_free> r(BN_bin2bn(bytes, 32, nullptr)), s(BN_bin2bn(bytes + 32, 32, nullptr));
  const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

bool verifies(EVP_PKEY& key, std::string_view text, std::string_view signature) {
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  const bool good =
      context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, &key) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  ERR_clear_error();
  return good;
}

bool is_p256(const EVP_PKEY& key) {
  char name[32] = {};
  std::size_t size = 0;
  return EVP_PKEY_get_base_id(&key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(&key, name, sizeof name, &size) == 1 &&
         std::string_view(name, size) == "prime256v1";
}

// The algorithm is what the token says and what the configured key is for, both: a public key is never an HMAC secret.
Result<void> check_signature(const std::string& algorithm, std::string_view text, std::string_view signature,
                             const JwtKeys& keys) {
  if (algorithm == "HS256") {
    if (keys.secret.empty()) return Errc::bad_algorithm;
    const base::Sha256 wanted = base::hmac_sha256(base::as_bytes(keys.secret), {base::as_bytes(text)});
    if (!base::equal_secret(base::as_bytes(signature), wanted)) return Errc::bad_signature;
    return {};
  }
  if (algorithm != "RS256" && algorithm != "ES256") return Errc::bad_algorithm;
  if (keys.public_key_pem.empty()) return Errc::bad_algorithm;
  const Key key = read_key(keys.public_key_pem);
  if (!key) return Errc::no_key;
  if (algorithm == "RS256") {
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key.get()) < fewest_rsa_bits)
      return Errc::bad_algorithm;
    if (!verifies(*key, text, signature)) return Errc::bad_signature;
    return {};
  }
  if (!is_p256(*key)) return Errc::bad_algorithm;
  const std::string der = der_of(signature);
  if (der.empty() || !verifies(*key, text, der)) return Errc::bad_signature;
  return {};
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
  const auto header_text = decode_base64url(parts[0]), claims_text = decode_base64url(parts[1]),
             signature = decode_base64url(parts[2]);
  if (!header_text || !claims_text || !signature) return Errc::bad_token;

  const Json header = Json::parse(*header_text, nullptr, false);
  if (!header.is_object() || header.contains("crit")) return Errc::bad_token;  // RFC 7515 4.1.11
  const auto algorithm = header.find("alg");
  if (algorithm == header.end() || !algorithm->is_string()) return Errc::bad_token;
  const std::string_view signed_text = token.substr(0, parts[0].size() + 1 + parts[1].size());
  TRY_VOID(check_signature(algorithm->get<std::string>(), signed_text, *signature, keys));

  TRY(Claims claims, read_claims(*claims_text));
  const std::chrono::duration<double> time = now.time_since_epoch();
  if (time >= claims.expiry + leeway) return Errc::expired;     // RFC 7519 4.1.4
  if (time < claims.not_before - leeway) return Errc::not_yet;  // 4.1.5
  return claims;
}

Result<void> Claims::allow(const hub::Request& request, hub::Action action) const {
  if (!admits(vhosts, request.vhost->name) || !admits(apps, request.app) || !admits(streams, request.stream))
    return Errc::other_stream;
  if (!admits(actions, action == hub::Action::publish ? "publish" : "play")) return Errc::other_action;
  return {};
}

}  // namespace weir::auth
