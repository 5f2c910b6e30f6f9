#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http/request.h"

namespace weir::http {

// "example.org:8080" -> "example.org", in small letters. RFC 3986 3.2.2, but no user part and no percent codes.
// Errc::bad_host.
base::Result<std::string> host_of(std::string_view authority);

// Makes path and query of the target that the request has, and the host where that names one (RFC 9112 3.2:
// origin-form, absolute-form, which overrides Host, or "*" of OPTIONS). Errc::bad_target, bad_virtual_host, and what
// normalise_path() says.
base::Result<void> apply_target(Request& request);

}  // namespace weir::http
