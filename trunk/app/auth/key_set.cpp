#include "app/auth/key_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/auth/base64url.h"

namespace weir::auth {

using base::Result;
using Json = nlohmann::json;

namespace {

constexpr unsigned most_tries = 4;

std::string text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string number_of(const Json& json, const char* name) {
  return decode_base64url(text_of(json, name)).value_or(std::string());
}

// RFC 7517 4.2 and 4.3: what it is for, if it says so.
bool is_for_signatures(const Json& json) {
  if (json.contains("use") && text_of(json, "use") != "sig") return false;
  const auto operations = json.find("key_ops");
  if (operations == json.end()) return true;
  return operations->is_array() &&
         std::any_of(operations->begin(), operations->end(), [](const Json& one) { return one == "verify"; });
}

// A secret has no place where everybody may read: "oct" is no public key, and none with its private part is taken.
Result<PublicKey> key_of(const Json& json) {
  const std::string type = text_of(json, "kty"), curve = text_of(json, "crv");
  if (json.contains("d")) return Errc::no_key;
  if (type == "RSA") return PublicKey::from_rsa(number_of(json, "n"), number_of(json, "e"));
  if (type == "EC" && curve == "P-256") return PublicKey::from_p256(number_of(json, "x"), number_of(json, "y"));
  if (type == "OKP" && curve == "Ed25519") return PublicKey::from_ed25519(number_of(json, "x"));
  return Errc::no_key;
}

}  // namespace

Result<KeySet> KeySet::parse(std::string_view text) {
  if (text.size() > most_bytes) return Errc::bad_key_set;
  // Depth is bounded: a set is a list of flat objects, with certificates at most.
  constexpr int deepest = 8;
  bool too_deep = false;
  const Json json = Json::parse(
      text,
      [&](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > deepest;
        return !too_deep;
      },
      false);
  if (too_deep || !json.is_object()) return Errc::bad_key_set;
  const auto list = json.find("keys");
  if (list == json.end() || !list->is_array()) return Errc::bad_key_set;
  KeySet set;
  for (const Json& one : *list) {
    if (set.keys_.size() == most_keys) break;
    if (!one.is_object() || !is_for_signatures(one)) continue;
    std::string id = text_of(one, "kid"), algorithm = text_of(one, "alg");
    auto key = key_of(one);
    if (!key || id.size() > KeySet::most_id_bytes || (!algorithm.empty() && !key->fits(algorithm))) continue;
    set.keys_.push_back({std::move(id), std::move(algorithm), *std::move(key)});
  }
  if (set.keys_.empty()) return Errc::bad_key_set;
  return set;
}

bool KeySet::has(std::string_view id) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Entry& one) { return one.id == id; });
}

Result<void> KeySet::check(std::string_view id, std::string_view algorithm, std::string_view text,
                           std::string_view signature) const {
  Result<void> verdict = Errc::bad_algorithm;
  if (!id.empty() && !has(id)) return Errc::unknown_key;
  unsigned tries = 0;
  for (const Entry& one : keys_) {
    if (!id.empty() && one.id != id) continue;
    if (!one.key.fits(algorithm) || (!one.algorithm.empty() && one.algorithm != algorithm)) continue;
    if (++tries > most_tries) break;
    verdict = one.key.check(algorithm, text, signature);
    if (verdict) break;
  }
  return verdict;
}

}  // namespace weir::auth
