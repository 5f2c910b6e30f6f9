#include "session/common/upstream/fetcher.h"

#include <algorithm>

#include "base/text.h"

namespace weir::session::upstream {

base::Result<Place> Schemes::place_of(const std::string& url) const {
  const std::string name = base::lower(url.substr(0, url.find(':')));
  const auto found =
      std::find_if(schemes_.begin(), schemes_.end(), [&](const Scheme& scheme) { return scheme.name == name; });
  if (found == schemes_.end()) return Errc::unknown_scheme;
  return found->place_of(url);
}

}  // namespace weir::session::upstream
