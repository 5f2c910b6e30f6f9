#include "app/registry/key.h"

#include "base/text.h"
#include "base/url.h"

namespace weir::registry {

std::string text_of(const base::StreamKey& key) {
  return base::percent_encode(key.vhost) + "/" + base::percent_encode(key.app) + "/" + base::percent_encode(key.stream);
}

std::optional<base::StreamKey> key_of(std::string_view text) {
  const auto parts = base::split(text, '/');
  if (parts.size() != 3) return std::nullopt;
  return base::StreamKey{base::percent_decode(parts[0]), base::percent_decode(parts[1]),
                         base::percent_decode(parts[2])};
}

}  // namespace weir::registry
