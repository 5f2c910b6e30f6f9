#include "config/diff.h"

#include <algorithm>
#include <array>

#include "config/schema.h"

namespace weir::config {
namespace {

// "vhost[a.b].ingest[x].engine[y].vcodec": the names in brackets may hold dots themselves.
Effect effect_of(std::string_view path) {
  Rows rows = root_rows();
  std::size_t at = 0;
  while (at < path.size()) {
    const auto end = std::min(path.find_first_of(".[", at), path.size());
    const auto name = path.substr(at, end - at);
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Directive& d) { return d.name == name; });
    if (row == rows.end()) return Effect::restart;
    at = end;
    if (at < path.size() && path[at] == '[') {
      const auto close = path.find("].", at);
      if (close == std::string_view::npos) return Effect::new_sessions;  // a vhost as a whole
      at = close + 1;
    }
    if (at == path.size() || !row->children) return row->effect;
    rows = row->children();
    ++at;
  }
  return Effect::restart;
}

}  // namespace

std::vector<Change> diff(const Config& from, const Config& to) {
  std::vector<Change> changes;
  const auto add = [&](const std::string& path, const std::string& old_text, const std::string& new_text) {
    changes.push_back({path, shown_value(path, old_text), shown_value(path, new_text), effect_of(path)});
  };
  auto left = from.written.begin();
  auto right = to.written.begin();
  while (left != from.written.end() || right != to.written.end()) {
    const bool only_left = right == to.written.end() || (left != from.written.end() && left->first < right->first);
    const bool only_right = left == from.written.end() || (right != to.written.end() && right->first < left->first);
    if (only_left) {
      add(left->first, left->second, "");
    } else if (only_right) {
      add(right->first, "", right->second);
    } else if (left->second != right->second) {
      add(left->first, left->second, right->second);
    }
    if (!only_right) ++left;
    if (!only_left) ++right;
  }
  return changes;
}

const char* to_text(Effect effect) {
  static constexpr std::array names{"at once", "for new sessions", "after a restart"};
  return names[static_cast<std::size_t>(effect)];
}

}  // namespace weir::config
