#include "net/http/request_head.h"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace weir::http {

std::string request_head(const Url& url, const ClientRequest& request) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", request.method, url.target);
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!request.headers.has(name)) fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
  };
  add("Host", url.authority());
  add("User-Agent", "Weir");
  add("Accept", "*/*");
  // RFC 9112 6.2: never beside Transfer-Encoding.
  const bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body && !request.headers.has("Transfer-Encoding")) {
    add("Content-Length", std::to_string(request.body.size()));
  }
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{}: {}\r\n", request.headers.name(i), request.headers.value(i));
  }
  return text + "\r\n";
}

std::string basic_authorization(std::string_view text) {
  std::string coded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  coded.resize(static_cast<std::size_t>(size));
  return "Basic " + coded;
}

}  // namespace weir::http
