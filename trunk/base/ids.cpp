#include "base/ids.h"

#include <algorithm>

namespace weir::base {

SessionId SessionId::from(std::string_view text) {
  SessionId id;
  if (text.size() == id.text.size()) std::copy(text.begin(), text.end(), id.text.begin());
  return id;
}

}  // namespace weir::base
