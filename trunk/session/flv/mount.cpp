#include "session/flv/mount.h"

#include <vector>

namespace weir::session::flv {
namespace {

std::vector<std::string_view> elements(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const std::size_t end = path.find('/');
    if (end != 0) out.push_back(path.substr(0, end));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  return out;
}

// One element against its part of the template: a literal, or a variable with something before and behind it.
bool element_matches(std::string_view pattern, std::string_view element) {
  const std::size_t open = pattern.find('['), close = pattern.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return pattern == element;
  const std::string_view before = pattern.substr(0, open), behind = pattern.substr(close + 1);
  return element.size() > before.size() + behind.size() && element.starts_with(before) && element.ends_with(behind);
}

}  // namespace

bool mount_matches(std::string_view mount, std::string_view path) {
  auto pattern = elements(mount);
  // The first element names the virtual host: "[vhost]", "__defaultVhost__" or a host name; a path has none.
  if (!mount.starts_with('/') && !pattern.empty()) pattern.erase(pattern.begin());
  auto given = elements(path);
  if (pattern.empty() || given.size() < pattern.size()) return false;
  const std::size_t extra = given.size() - pattern.size();
  if (extra > 0 && pattern.front() != "[app]") return false;
  for (std::size_t i = 1; i <= pattern.size(); ++i) {  // from the back: what is more in front belongs to [app]
    if (!element_matches(pattern[pattern.size() - i], given[given.size() - i])) return false;
  }
  return true;
}

}  // namespace weir::session::flv
