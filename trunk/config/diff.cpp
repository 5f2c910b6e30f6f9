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

// What of a variable may be seen: that it is there. Empty: it is not.
std::string shown(const Variable* variable) {
  if (!variable) return {};
  return variable->known ? "(hidden)" : "(not known yet)";
}

const Variable* find(const std::vector<Variable>& variables, const std::string& name) {
  const auto found = std::ranges::find(variables, name, &Variable::name);
  return found == variables.end() ? nullptr : &*found;
}

// The texts count, wherever they are from: they are no directives.
void add_variables(const Config& from, const Config& to, std::vector<Change>& changes) {
  const auto add = [&](const Variable* old_one, const Variable* new_one) {
    const std::string& name = (old_one ? old_one : new_one)->name;
    changes.push_back({"variables." + name, shown(old_one), shown(new_one), Effect::live});
  };
  for (const Variable& one : from.variables) {
    const Variable* const now = find(to.variables, one.name);
    if (!now || now->value != one.value || now->known != one.known) add(&one, now);
  }
  for (const Variable& one : to.variables) {
    if (!find(from.variables, one.name)) add(nullptr, &one);
  }
}

}  // namespace

std::vector<Change> diff(const Config& from, const Config& to) {
  std::vector<Change> changes;
  const auto add = [&](const std::string& path, const std::string& old_text, const std::string& new_text) {
    if (path == "variables") return;  // each of them is told by its name
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
  add_variables(from, to, changes);
  return changes;
}

const char* to_text(Effect effect) {
  static constexpr std::array names{"at once", "for new sessions", "after a restart"};
  return names[static_cast<std::size_t>(effect)];
}

}  // namespace weir::config
