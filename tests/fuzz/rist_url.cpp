// URLs of RIST, as a configuration or a backend writes them: a fault is said or there is none, and what is shown is
// read again.
#include <cstdlib>
#include <string>

#include "config/rist_url.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string fault;
  const auto target = config::parse_rist_target(text, fault);
  if (target.has_value() != fault.empty()) std::abort();
  const auto source = config::parse_rist_source(text, fault);
  if (source.has_value() != fault.empty()) std::abort();
  const auto& url = source ? source : target;
  if (!url) return 0;
  const auto again = source ? config::parse_rist_source(config::shown(*url), fault)
                            : config::parse_rist_target(config::shown(*url), fault);
  if (!again || again->host != url->host || again->port != url->port || again->listens != url->listens) std::abort();
  if (url->secret.size() > 127 || url->cname.size() > 127 || url->interface.size() > 127) std::abort();
  return 0;
}
