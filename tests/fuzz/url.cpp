// A URL, its parts, its query and its coding; and what a log may show of it.
#include <cstdlib>
#include <string>

#include "base/redact.h"
#include "base/url.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (base::percent_decode(base::percent_encode(text)) != text) std::abort();
  (void)base::parse_query(text);
  (void)base::shown(text);
  (void)base::without_secrets(text);
  if (const auto host = base::parse_host_port(text)) {
    const auto again = base::parse_host_port(base::format_host_port(host->first, host->second));
    if (again && *again != *host) std::abort();
  }
  const auto url = base::parse_url(text);
  if (!url) return 0;
  if (url->host.empty() || (!url->path.empty() && url->path.front() != '/')) std::abort();
  // A password that is found by a parser is found by what hides it.
  if (url->user.size() > 8 && base::without_secrets(text).find("://" + url->user + "@") != std::string::npos) {
    std::abort();
  }
  return 0;
}
