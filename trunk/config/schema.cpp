#include "config/schema.h"

#include <cctype>

namespace weir::config {

std::vector<std::string> environment_names(const Directive& directive, std::string_view path) {
  if (directive.environment == "-" || directive.is_block()) return {};
  if (!directive.environment.empty()) return split_words(directive.environment);
  std::string name = "SRS_";
  for (const char c : path) name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return {name};
}

}  // namespace weir::config
