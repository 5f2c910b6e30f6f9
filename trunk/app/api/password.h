#pragma once

#include <optional>
#include <string>

#include "app/auth/secret.h"
#include "config/http.h"
#include "net/http/exchange.h"

namespace weir::api {

struct Context;

// The password of http_api.auth (HTTP Basic). Wrong ones are answered more and more slowly, then not looked at for a
// while, by address. Of one worker.
class Password {
 public:
  explicit Password(const Context& context) : context_(context) {}
  // The refusal, if there is to be one. `note` is called with what the log should tell.
  std::optional<http::Verdict> refuse(const http::Exchange& exchange, const config::HttpApi::Auth& auth,
                                      const std::function<void(const std::string&)>& note);

 private:
  const Context& context_;
  auth::Secrets secrets_;
};

}  // namespace weir::api
