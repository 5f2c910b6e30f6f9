#include <openssl/evp.h>

#include "app/api/context.h"
#include "app/auth/secret.h"
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

http::Router::Gate auth_gate(hub::Hub& hub) {
  return
      [&hub, secrets = std::make_shared<auth::Secrets>()](const http::Request& request) -> std::optional<http::Reply> {
        const config::HttpApi::Auth& auth = hub.config()->http_api.auth;
        if (!auth.enabled || request.path.find("/api/") == std::string::npos) return std::nullopt;
        // A file that cannot be read has no password that fits.
        const auto password = secrets->key(auth.password, auth.password_file);
        if (password && is_authorised(request.headers.find("Authorization"), auth.username, *password))
          return std::nullopt;
        http::Reply reply = http::Reply::of_status(401);
        reply.headers.add("WWW-Authenticate", "Basic realm=\"Weir\"");
        return reply;
      };
}

}  // namespace weir::api
