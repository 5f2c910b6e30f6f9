#include "net/http/request.h"

#include "base/text.h"
#include "net/http/text.h"
#include "net/http/url.h"

namespace weir::http {

std::optional<std::string> Request::query_value(std::string_view name) const { return http::query_value(query, name); }

std::string Request::virtual_host() const {
  for (const std::string_view name : {"vhost", "domain"}) {
    if (auto value = query_value(name); value && !value->empty()) return base::lower(*value);
  }
  return host;
}

}  // namespace weir::http
