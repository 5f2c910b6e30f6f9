#include "proto/sip/digest.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "base/digest.h"
#include "base/text.h"
#include "proto/sip/uri.h"

namespace weir::sip {

using base::as_bytes;
using base::iequals;

namespace {

std::string md5_hex(std::initializer_list<base::Bytes> parts) { return base::to_hex(base::md5(parts)); }

// "Digest a=b, c="d, e"": none if it is of another scheme.
std::optional<std::string> parameters_of(std::string_view value) {
  value = base::trim(value);
  const auto [scheme, rest] = base::split_first(value, ' ');
  if (!iequals(scheme, "Digest")) return std::nullopt;
  // Commas outside quotes become ';', as find_parameter() wants them.
  std::string out(rest);
  bool quoted = false;
  for (char& c : out) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) c = ';';
  }
  return out;
}

std::string text_of(const std::string& parameters, std::string_view name) {
  return std::string(find_parameter(parameters, name).value_or(std::string_view()));
}

std::string response_of(const Credentials& given, std::string_view method, std::string_view password) {
  const auto colon = as_bytes(":");
  const std::string secret = md5_hex({as_bytes(given.user), colon, as_bytes(given.realm), colon, as_bytes(password)});
  const std::string request = md5_hex({as_bytes(method), colon, as_bytes(given.uri)});
  if (given.qop.empty()) {
    return md5_hex({as_bytes(secret), colon, as_bytes(given.nonce), colon, as_bytes(request)});
  }
  return md5_hex({as_bytes(secret), colon, as_bytes(given.nonce), colon, as_bytes(given.count_text), colon,
                  as_bytes(given.cnonce), colon, as_bytes(given.qop), colon, as_bytes(request)});
}

constexpr std::size_t time_digits = 16;

std::int64_t milliseconds_of(base::Instant now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
}

}  // namespace

std::string Challenge::text() const {
  return fmt::format("Digest realm=\"{}\",nonce=\"{}\",algorithm=MD5,qop=\"auth\"{}", realm, nonce,
                     stale ? ",stale=true" : "");
}

std::optional<Challenge> parse_challenge(std::string_view value) {
  const auto parameters = parameters_of(value);
  if (!parameters) return std::nullopt;
  Challenge challenge{.realm = text_of(*parameters, "realm"), .nonce = text_of(*parameters, "nonce")};
  challenge.stale = iequals(text_of(*parameters, "stale"), "true");
  if (challenge.nonce.empty()) return std::nullopt;
  return challenge;
}

std::optional<Credentials> parse_credentials(std::string_view value) {
  const auto parameters = parameters_of(value);
  if (!parameters) return std::nullopt;
  const std::string algorithm = text_of(*parameters, "algorithm");
  if (!algorithm.empty() && !iequals(algorithm, "MD5")) return std::nullopt;
  Credentials out{.user = text_of(*parameters, "username"),
                  .realm = text_of(*parameters, "realm"),
                  .nonce = text_of(*parameters, "nonce"),
                  .uri = text_of(*parameters, "uri"),
                  .response = base::lower(text_of(*parameters, "response")),
                  .qop = text_of(*parameters, "qop"),
                  .count_text = text_of(*parameters, "nc"),
                  .cnonce = text_of(*parameters, "cnonce")};
  if (out.user.empty() || out.nonce.empty() || out.response.size() != 32) return std::nullopt;
  if (out.qop.empty()) return out;
  if (!iequals(out.qop, "auth") || out.count_text.size() > 8) return std::nullopt;
  const auto end = out.count_text.data() + out.count_text.size();
  const auto [at, error] = std::from_chars(out.count_text.data(), end, out.count, 16);
  if (error != std::errc() || at != end) return std::nullopt;
  return out;
}

bool verify(const Credentials& credentials, std::string_view method, std::string_view password) {
  const std::string wanted = response_of(credentials, method, password);
  return base::equal_secret(as_bytes(wanted), as_bytes(credentials.response));
}

std::string make_authorization(const Challenge& challenge, std::string_view user, std::string_view password,
                               std::string_view method, std::string_view uri) {
  const Credentials given{
      .user = std::string(user), .realm = challenge.realm, .nonce = challenge.nonce, .uri = std::string(uri)};
  return fmt::format("Digest username=\"{}\",realm=\"{}\",nonce=\"{}\",uri=\"{}\",response=\"{}\",algorithm=MD5", user,
                     given.realm, given.nonce, uri, response_of(given, method, password));
}

std::string Nonces::seal(std::string_view holder, std::string_view front) const {
  const auto sum = base::hmac_sha256(secret_, {as_bytes(front), as_bytes(holder)});
  return base::to_hex(base::Bytes(sum).first(12));
}

std::string Nonces::make(std::string_view holder, std::string_view salt, base::Instant now) const {
  const std::string front = fmt::format("{:016x}{}", static_cast<std::uint64_t>(milliseconds_of(now)), salt);
  return front + seal(holder, front);
}

void Nonces::forget(base::Instant now) {
  while (!until_.empty() && until_.front().first <= now) {
    used_.erase(until_.front().second);
    until_.pop_front();
  }
}

Nonces::Verdict Nonces::use(const Credentials& credentials, std::string_view holder, base::Instant now) {
  const std::string& nonce = credentials.nonce;
  if (nonce.size() < time_digits + 24) return Verdict::foreign;
  const std::string_view front = std::string_view(nonce).substr(0, nonce.size() - 24);
  if (!base::equal_secret(as_bytes(seal(holder, front)), as_bytes(std::string_view(nonce).substr(front.size())))) {
    return Verdict::foreign;
  }
  std::uint64_t made = 0;
  std::from_chars(nonce.data(), nonce.data() + time_digits, made, 16);
  const auto age = milliseconds_of(now) - static_cast<std::int64_t>(made);
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(lifetime).count();
  if (age < 0 || age > limit) return Verdict::stale;
  forget(now);
  const auto found = used_.find(nonce);
  if (found == used_.end()) {
    // A full table lets nobody in by a nonce that it could not remember. Behind its lifetime a nonce is too old anyway.
    if (used_.size() >= most_used) return Verdict::stale;
    used_.emplace(nonce, credentials.count);
    until_.emplace_back(now + lifetime + std::chrono::seconds(1), nonce);
    return Verdict::good;
  }
  if (credentials.qop.empty() || credentials.count <= found->second) return Verdict::replayed;
  found->second = credentials.count;
  return Verdict::good;
}

}  // namespace weir::sip
