#include "app/api/password.h"

#include <fmt/format.h>

#include <openssl/evp.h>

#include "app/api/call.h"
#include "base/address.h"
#include "base/digest.h"
#include "base/text.h"

namespace weir::api {

namespace {

std::string base64(std::string_view text) {
  std::string coded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  coded.resize(static_cast<std::size_t>(size));
  return coded;
}

// RFC 7617 2: "Basic" in any case, blanks, base64 of "user:password". Whole texts are compared, each in constant time.
bool is_authorised(std::string_view header, const std::string& user, const std::string& password) {
  const auto [scheme, coded] = base::split_first(header, ' ');
  if (!base::iequals(scheme, "basic")) return false;
  // Digests, so that not even the length of the secret shows in the time taken.
  const base::Sha256 given = base::sha256({base::as_bytes(base::trim(coded))});
  const base::Sha256 wanted = base::sha256({base::as_bytes(base64(user + ":" + password))});
  return base::equal_secret(given, wanted);
}

}  // namespace

std::optional<http::Verdict> Password::refuse(const http::Exchange& exchange, const config::HttpApi::Auth& auth,
                                              const std::function<void(const std::string&)>& note) {
  const std::string_view header = exchange.request().headers.find("Authorization");
  http::Verdict verdict;
  verdict.refusal = refusal(401, "the user name and the password of http_api are wanted");
  verdict.refusal->headers.add("WWW-Authenticate", "Basic realm=\"Weir\"");
  if (header.empty()) return verdict;  // a browser's first try
  auth::Lockout& lockout = *context_.lockout;
  const auto now = auth::Lockout::Clock::now();
  const std::string address = exchange.client_address();
  const std::string block = base::address_block(address);
  if (const auto wait = lockout.locked_for(block, now); wait.count() > 0) {
    verdict.refusal = refusal(429, "too many wrong passwords from this address");
    verdict.refusal->headers.add("Retry-After", std::to_string((wait.count() + 999) / 1000));
    return verdict;
  }
  // A file that cannot be read has no password that fits.
  const auto password = secrets_.key(auth.password, auth.password_file);
  if (password && is_authorised(header, auth.username, *password)) {
    lockout.right(block);
    return std::nullopt;
  }
  const auth::Lockout::Penalty penalty = lockout.wrong(block, now);
  verdict.delay = penalty.delay;
  note(penalty.locked.count() == 0
           ? fmt::format("{} gave a wrong password", address)
           : fmt::format("{} gave wrong passwords; it is locked out for {} s", address, penalty.locked.count() / 1000));
  return verdict;
}

}  // namespace weir::api
