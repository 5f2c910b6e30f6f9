#pragma once

#include <string>
#include <string_view>

#include "net/http/client.h"

namespace weir::http {

// The head of a client's request on the wire, up to the empty line.
std::string request_head(const Url& url, const ClientRequest& request);

// "Basic ..." of "name:password" (RFC 7617).
std::string basic_authorization(std::string_view user_and_password);

}  // namespace weir::http
