#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "net/http/headers.h"

namespace weir::http {

// A whole answer. The body is `shared` if that is not empty, else `text`. Server, Date, Content-Length, Connection and
// CORS headers are added when it is sent.
struct Reply {
  int status = 200;
  Headers headers;
  std::string text;
  base::SharedBytes shared;

  base::Bytes body() const { return shared.empty() ? base::as_bytes(text) : shared.bytes(); }

  static Reply plain(int status, std::string text);
  // Plain text that is the status in words: what a client sees of 404 or 405.
  static Reply of_status(int status);
  static Reply json(std::string text, int status = 200);
  static Reply redirect(int status, std::string_view location);
};

// "Not Found"; "Unknown" for a number that has no name.
std::string_view status_text(int status);

}  // namespace weir::http
