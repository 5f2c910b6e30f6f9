// URLs of SRT and UDP, as a configuration or a backend writes them: what is taken can be written, and is the same then.
#include <cstdlib>
#include <string>

#include "config/srt_url.h"
#include "config/udp_target.h"
#include "config/udp_url.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string fault;
  if (const auto url = config::parse_udp_url(text, fault); url.has_value() != fault.empty()) std::abort();
  if (const auto target = config::parse_udp_target(text, fault); target.has_value() != fault.empty()) std::abort();
  const auto url = config::parse_srt_url(text, fault);
  if (url.has_value() != fault.empty()) std::abort();
  if (!url) return 0;
  const auto again = config::parse_srt_url(config::to_text(*url), fault);
  if (!again) return 0;  // it became too long
  if (again->host != url->host || again->port != url->port || again->mode != url->mode ||
      again->settings != url->settings || again->adapter != url->adapter) {
    std::abort();
  }
  (void)config::oddity_of(*url);
  return 0;
}
