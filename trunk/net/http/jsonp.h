#pragma once

#include <optional>
#include <string>

#include "net/http/reply.h"
#include "net/http/request.h"

namespace weir::http {

// What `?callback=` asks for (SRS API): `name` is empty if it was not asked for.
struct Jsonp {
  std::string callback;
  std::string method;  // "DELETE" of `&method=DELETE`; else the method of the request
};

// No value if the callback holds anything but letters, digits, '.', '_' and '-' (SRS error 4058).
std::optional<Jsonp> jsonp_of(const Request& request);
// JSON as asked: application/json, or `callback(json)` as text/javascript.
Reply json_reply(const Jsonp& jsonp, std::string json, int status = 200);

}  // namespace weir::http
