#include "config/binder.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/redact.h"
#include "config/nearest.h"
#include "config/old_spellings.h"

namespace weir::config {
namespace {

constexpr Feature no_feature = Feature::core;

const Directive* row_of(Rows rows, std::string_view name) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Directive& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

std::span<const Node> children_of(const Node* node) {
  return node ? std::span<const Node>(node->children) : std::span<const Node>();
}

std::string in_block(const std::string& path) {
  return path.empty() ? std::string("at the root") : "in '" + path + "'";
}

// The block that a directive of that name stands in, if there is exactly one such block; "vhost.hls".
std::string home_of(std::string_view name) {
  std::string home;
  std::size_t count = 0;
  const auto visit = [&](const std::string& path, const Directive& row, bool) {
    if (row.name != name || path.size() == name.size()) return;
    home = path.substr(0, path.size() - name.size() - 1);
    ++count;
  };
  walk(root_rows(), "", visit);
  return count == 1 ? home : std::string();
}

// The default and what is written are the same thing if they read the same, however they are spelled.
bool is_default(const Directive& row, const std::vector<std::string>& words) {
  if (join_words(words) == row.fallback) return true;
  if (row.fallback.empty()) return words.empty() || words == std::vector<std::string>{""};
  const auto mine = read_value(row.type, words).value;
  const auto usual = read_value(row.type, split_words(row.fallback)).value;
  return mine && usual && mine->integer == usual->integer && mine->number == usual->number &&
         mine->words == usual->words && mine->endpoints == usual->endpoints && mine->ranges == usual->ranges;
}

}  // namespace

std::string path_of_block(const std::string& path, const std::string& name, std::size_t index) {
  if (!name.empty()) return fmt::format("{}[{}]", path, name);
  return index == 0 ? path : fmt::format("{}[#{}]", path, index);
}

void Binder::fill(Rows rows, void* object, const Node* node, const std::string& path,
                  const std::optional<std::string>& environment_path) {
  const bool open = std::exchange(open_, false);
  if (node) {
    check_names(rows, *node, path, open);
    check_repetition(rows, *node);
    read_specials(rows, object, *node, path);
  }
  for (const Directive& row : rows) {
    const std::string row_path = path.empty() ? std::string(row.name) : path + "." + std::string(row.name);
    std::optional<std::string> row_environment;
    if (environment_path && row.environment != "-") {
      row_environment =
          environment_path->empty() ? std::string(row.name) : *environment_path + "." + std::string(row.name);
    }
    if (row.is_block()) {
      if (row.enter) fill_block(row, object, node, row_path, row_environment);
      continue;
    }
    if (!row.read) fill_value(row, object, node, row_path, row_environment);
  }
}

// In the order of the file, whatever that of the rows.
void Binder::read_specials(Rows rows, void* object, const Node& node, const std::string& path) {
  for (const Node& child : node.children) {
    const Directive* row = row_of(rows, child.name);
    if (!row || !row->read) continue;
    row->read(object, child, problems_);
    const std::string row_path = path.empty() ? child.name : path + "." + child.name;
    places_.try_emplace(row_path, child.place);
    auto& text = written_[row_path];
    text += (text.empty() ? "" : "; ") + join_words(child.words);
    for (const Node& option : child.children) text += fmt::format("{} {};", option.name, join_words(option.words));
  }
}

void Binder::fill_block(const Directive& row, void* object, const Node* node, const std::string& path,
                        const std::optional<std::string>& environment_path) {
  if (!row.repeated) {
    const Node* child = node ? node->child(row.name) : nullptr;
    if (child && !child->is_block) {
      problems_.error(child->place, fmt::format("'{}' is a block: '{} {{ ... }}'", row.name, row.name));
      child = nullptr;
    }
    open_ = row.open;
    fill(row.children(), row.enter(object), child, path, environment_path);
    if (is_in_use(row, path))
      refuse_if_not_built(row.feature, child ? child->place : place_of(path + ".enabled"), row.name);
    return;
  }

  std::size_t index = 0;
  for (const Node& child : children_of(node)) {
    if (child.name != row.name) continue;
    if (!child.is_block) {
      problems_.error(child.place, fmt::format("'{}' is a block: '{} {{ ... }}'", row.name, row.name));
      continue;
    }
    const bool reached = row.first && index == 0;
    void* element = reached ? row.first(object) : row.enter(object);
    const std::string name = child.words.empty() ? std::string() : child.words.front();
    if (row.set_name) row.set_name(element, name);
    auto element_path = row.first ? path_of_block(path, name, index)
                                  : fmt::format("{}[{}]", path, row.set_name ? name : std::to_string(index));
    const auto [first, is_new] = places_.try_emplace(element_path, child.place);
    if (!is_new && !row.unique) {
      element_path = fmt::format("{}[{}#{}]", path, name, index);
      places_.try_emplace(element_path, child.place);
    }
    if (!is_new && row.unique) {
      problems_.error(child.place,
                      fmt::format("'{} {}' is already there in line {}", row.name, name, first->second.line));
    }
    open_ = row.open;
    fill(row.children(), element, &child, element_path, reached ? environment_path : std::nullopt);
    if (is_in_use(row, element_path)) refuse_if_not_built(row.feature, child.place, row.name);
    ++index;
  }
  if (row.first && index == 0) fill(row.children(), row.first(object), nullptr, path, environment_path);
}

// A block counts once something in it is not as by default; one with a switch, if that is on as well.
bool Binder::is_in_use(const Directive& row, const std::string& path) const {
  if (row_of(row.children(), "enabled") && !is_on_.contains(path + ".enabled")) return false;
  const auto first = written_.lower_bound(path + ".");
  return first != written_.end() && first->first.starts_with(path + ".");
}

void Binder::fill_value(const Directive& row, void* object, const Node* node, const std::string& path,
                        const std::optional<std::string>& environment_path) {
  const auto found = find(row, node, path, environment_path);
  if (row.type.kind == Kind::ignored) {
    if (const Node* child = node ? node->child(row.name) : nullptr) fill_ignored(row, *child);
    return;
  }
  std::optional<Value> value;
  if (found) {
    const std::vector<std::string> words = numeric(row.type, *found);
    auto reading = read_value(row.type, words);
    report(reading, row, found->place);
    value = std::move(reading.value);
    if (value && !is_default(row, words)) {
      written_[path] = join_words(found->words);
      if (row.feature != no_feature) refuse_if_not_built(row.feature, found->place, row.name);
    }
  }
  if (!value && !row.fallback.empty()) value = read_value(row.type, split_words(row.fallback)).value;
  if (!value) return;
  if (row.name == "enabled" && value->integer != 0) is_on_.insert(path);
  row.store(object, *value);
}

std::vector<std::string> Binder::numeric(const Type& type, const Written& written) {
  if (type.kind != Kind::endpoints || !look_up_) return written.words;
  std::string unknown;
  auto words = with_addresses(written.words, *look_up_, unknown);
  if (!unknown.empty()) problems_.error(written.place, fmt::format("no address is known for the host '{}'", unknown));
  return words;
}

std::optional<Binder::Written> Binder::find(const Directive& row, const Node* node, const std::string& path,
                                            const std::optional<std::string>& environment_path) {
  std::optional<Written> found;
  if (environment_path) found = find_in_environment(row, *environment_path);
  if (const Node* child = node && !found ? node->child(row.name) : nullptr) {
    if (child->is_block && row.type.kind != Kind::ignored) {
      problems_.error(child->place, fmt::format("'{}' is no block; it takes {}", row.name, describe(row.type)));
    } else {
      found = Written{child->words, child->place};
    }
  }
  if (found) places_.try_emplace(path, found->place);
  return found;
}

std::optional<Binder::Written> Binder::find_in_environment(const Directive& row, const std::string& environment_path) {
  for (const std::string& name : environment_names(row, environment_path)) {
    const auto variable = environment_.find(name);
    if (variable == environment_.end() || variable->second.empty()) continue;
    const bool is_list =
        row.type.kind == Kind::words || row.type.kind == Kind::endpoints || row.type.kind == Kind::ranges;
    return Written{is_list ? split_words(variable->second) : std::vector{variable->second},
                   {std::make_shared<const std::string>("environment variable " + name), 0}};
  }
  return std::nullopt;
}

void Binder::fill_ignored(const Directive& row, const Node& node) {
  if (row.name == "is_full") return;  // checked by the loader
  const Node* enabled = node.child("enabled");
  const bool is_off = enabled && !enabled->words.empty() && enabled->words.front() == "off";
  if (!is_off) problems_.warn(node.place, fmt::format("'{}' is accepted, but does nothing", row.name));
}

void Binder::check_names(Rows rows, const Node& node, const std::string& path, bool open) {
  for (const Node& child : node.children) {
    if (row_of(rows, child.name)) continue;
    if (problems_.is_full()) {
      problems_.error(child.place, {});
      continue;
    }
    auto known = other_spellings(path);
    for (const Directive& row : rows) known.push_back(row.name);
    auto text = fmt::format("'{}' is not known {}", child.name, in_block(path));
    if (const auto home = home_of(child.name); !home.empty()) {
      text += fmt::format("; it belongs {}", in_block(home));
    } else if (const auto meant = nearest(child.name, known); !meant.empty()) {
      text += fmt::format("; did you mean '{}'?", meant);
    }
    if (open) {
      problems_.warn(child.place, std::move(text));
    } else {
      problems_.error(child.place, std::move(text));
    }
  }
}

void Binder::check_repetition(Rows rows, const Node& node) {
  std::map<std::string_view, unsigned> first_lines;
  for (const Node& child : node.children) {
    const Directive* row = row_of(rows, child.name);
    if (!row || row->repeated) continue;
    const auto [first, is_first] = first_lines.try_emplace(child.name, child.place.line);
    if (is_first) continue;
    auto text = fmt::format("'{}' is written twice; that of line {} counts", child.name, first->second);
    // SRS refuses a second http_remux, since only one mount can be right.
    if (child.name == "http_remux") {
      problems_.error(child.place, "only one 'http_remux' may stand in a vhost");
    } else {
      problems_.warn(child.place, std::move(text));
    }
  }
}

void Binder::report(const Reading& reading, const Directive& row, const Place& place) {
  const auto told = [&](std::string_view what) {
    return fmt::format("'{}': {}", row.name, base::quotations_shown(what, base::is_secret_name(row.name)));
  };
  if (!reading.error.empty()) problems_.error(place, told(reading.error));
  if (!reading.warning.empty()) problems_.warn(place, told(reading.warning));
}

void Binder::refuse_if_not_built(Feature feature, const Place& place, std::string_view name) {
  const FeatureState& state = state_of(feature);
  if (state.built) return;
  if (feature == Feature::never) return problems_.warn(place, fmt::format("'{}' is accepted, but does nothing", name));
  if (!warned_.insert(feature).second) return;
  const auto text = fmt::format("'{}' has no effect: this version is built without it yet ({})", name, state.name);
  if (allows_missing_) return problems_.warn(place, text);
  problems_.error(place, text + "; 'allow_missing on;' starts without it");
}

Place Binder::place_of(const std::string& path) const {
  const auto found = places_.find(path);
  return found == places_.end() ? whole_ : found->second;
}

}  // namespace weir::config
