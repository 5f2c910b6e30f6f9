#include "session/hls/outlet.h"

#include "base/text.h"
#include "base/url.h"

namespace weir::session::hls {
namespace {

std::string encoded(std::string_view path) { return base::replace_all(base::percent_encode(path), "%2F", "/"); }

}  // namespace

std::string relative_uri(std::string_view from, std::string_view to) {
  std::size_t same = 0;  // behind the last common slash
  for (std::size_t i = 0; i < std::min(from.size(), to.size()) && from[i] == to[i]; ++i) {
    if (from[i] == '/') same = i + 1;
  }
  std::string uri;
  for (const char c : from.substr(same)) {
    if (c == '/') uri += "../";
  }
  return uri + encoded(to.substr(same));
}

std::string prefixed_uri(std::string_view prefix, std::string_view from, std::string_view to) {
  if (prefix.empty()) return relative_uri(from, to);
  std::string uri(prefix);
  if (!uri.ends_with('/')) uri += '/';
  return uri + encoded(to);
}

}  // namespace weir::session::hls
