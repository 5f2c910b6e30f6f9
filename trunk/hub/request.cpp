#include "hub/request.h"

#include <algorithm>

namespace weir::hub {

void Facts::set(std::string_view name, std::string text) {
  std::erase_if(said_, [name](const auto& fact) { return fact.first == name; });
  if (!text.empty()) said_.emplace_back(name, std::move(text));
}

std::string_view Facts::find(std::string_view name) const {
  const auto found = std::find_if(said_.begin(), said_.end(), [name](const auto& fact) { return fact.first == name; });
  return found == said_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace weir::hub
