#include <fmt/format.h>

#include "app/auth/token.h"
#include "base/digest.h"
#include "base/text.h"

namespace weir::auth {

using base::Result;

namespace {

std::string signature_of(std::string_view key, const hub::Request& request, hub::Action action,
                         std::string_view expiry) {
  const std::string text =
      fmt::format("{}\n{}\n{}", action == hub::Action::publish ? "publish" : "play", request.url(), expiry);
  return base::to_hex(base::hmac_sha256(base::as_bytes(key), {base::as_bytes(text)}));
}

}  // namespace

std::string sign_url(std::string_view key, const hub::Request& request, hub::Action action, UnixTime expiry) {
  const std::string time = std::to_string(expiry.time_since_epoch().count());
  return time + "-" + signature_of(key, request, action, time);
}

Result<void> check_signed_url(std::string_view value, std::string_view key, const hub::Request& request,
                              hub::Action action, UnixTime now, std::chrono::seconds leeway) {
  if (key.empty()) return Errc::no_key;
  const auto [expiry, signature] = base::split_first(value, '-');
  const auto seconds = base::parse_number(expiry);
  constexpr std::uint64_t year_9999 = 253'402'300'799;
  if (!seconds || *seconds > year_9999) return Errc::bad_token;
  const std::string wanted = signature_of(key, request, action, expiry);
  const std::string given = base::lower(signature);
  if (!base::equal_secret(base::as_bytes(given), base::as_bytes(wanted))) return Errc::bad_signature;
  if (now > UnixTime(std::chrono::seconds(*seconds)) + leeway) return Errc::expired;
  return {};
}

}  // namespace weir::auth
