#include "app/overlay/change.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/redact.h"
#include "config/overlay.h"
#include "config/source_rules.h"
#include "config/variables.h"

namespace weir::overlay {

using config::Node;
using config::Report;

namespace {

constexpr int bad_request = 400, not_found = 404, conflict = 409, cannot = 500, full = 507;

Outcome refused(int status, std::string why) { return {.status = status, .error = std::move(why)}; }

Outcome refused_by(const File& file, const base::ErrorCode& why) {
  return refused(is_full(why) ? full : cannot, fmt::format("{}: {}", file.path(), why.message()));
}

std::string first_of(const std::vector<config::Problem>& problems) {
  std::string text = problems.front().text();
  if (problems.size() > 1) text += fmt::format(" (and {} more)", problems.size() - 1);
  return text;
}

const config::Vhost* vhost_of(const config::Config& config, const std::string& name) {
  const auto found = std::ranges::find_if(config.vhosts, [&](const auto& vhost) { return vhost->name == name; });
  return found == config.vhosts.end() ? nullptr : found->get();
}

// The tree of what the file holds; its faults as an error.
std::optional<std::string> parse(const File& file, std::vector<Node>& nodes) {
  const auto text = file.read();
  if (!text) return fmt::format("{}: {}", file.path(), text.error().message());
  config::Problems problems;
  nodes = config::parse_overlay(file.path(), *text, problems);
  Report report;
  std::move(problems).move_to(report);
  return report.errors.empty() ? std::nullopt : std::optional(first_of(report.errors));
}

bool can_be_written(const Node& node) {
  return std::ranges::all_of(node.words, config::can_be_written) && std::ranges::all_of(node.children, can_be_written);
}

// The last one of that scope is what was added.
template <class Entry>
std::string name_in(const std::vector<Entry>& entries, const std::string& scope) {
  std::string name;
  for (const Entry& entry : entries) {
    if (entry.by_api && entry.scope == scope) name = config::name_of(entry);
  }
  return name;
}

std::string name_of(const config::Vhost& vhost, const Node& entry) {
  const std::string scope = entry.words.empty() ? "" : entry.words.front();
  return entry.name == "source" ? name_in(vhost.sources, scope) : name_in(vhost.pushes, scope);
}

template <class Entry>
bool is_known(const std::vector<Entry>& entries, const std::string& name) {
  return std::ranges::count_if(entries, [&](const Entry& one) { return config::name_of(one) == name; }) > 1;
}

// Checked, written, and to be run.
Outcome put(const config::Config& running, const std::string& text, const File& file,
            const config::Surroundings& surroundings, const std::function<Outcome(const config::Config&)>& look = {}) {
  if (text.size() > config::largest_overlay) return refused(conflict, "the overlay is full");
  Report report = config::load_again(running, text, surroundings);
  if (!report.config) return refused(bad_request, first_of(report.errors));
  Outcome outcome = look ? look(*report.config) : Outcome();
  if (!outcome.error.empty()) return outcome;
  if (const auto written = file.replace(text); !written) return refused_by(file, written.error());
  outcome.config = std::move(report.config);
  std::erase_if(report.warnings, [&](const config::Problem& one) { return one.file != running.http_api.overlay; });
  outcome.warnings = std::move(report.warnings);
  return outcome;
}

// Of the sound that a push is to have; empty: it has none, or it can be sent.
std::string fault_of_sound(const config::Config& config, const Node& entry, const config::Surroundings& surroundings) {
  const Node* const audio = entry.name == "push" ? entry.child("audio") : nullptr;
  if (!audio || audio->words.empty() || !surroundings.fault_of_sound) return {};
  const std::string fault = surroundings.fault_of_sound(config, audio->words.front());
  return fault.empty() ? fault : fmt::format("audio '{}': {}", audio->words.front(), fault);
}

Outcome add(const config::Config& running, const Change& change, std::vector<Node> nodes, const File& file,
            const config::Surroundings& surroundings) {
  if (!vhost_of(running, change.vhost)) return refused(not_found, "there is no such virtual host");
  if (!can_be_written(change.entry))
    return refused(bad_request, "a value has both kinds of quotation marks, or a control character");
  auto host = std::ranges::find_if(
      nodes, [&](const Node& node) { return node.name == "vhost" && node.words.front() == change.vhost; });
  if (host == nodes.end()) {
    nodes.push_back({.name = "vhost", .words = {change.vhost}, .is_block = true});
    host = std::prev(nodes.end());
  }
  host->children.push_back(change.entry);
  return put(running, config::overlay_text(nodes), file, surroundings, [&](const config::Config& next) {
    const config::Vhost& vhost = *vhost_of(next, change.vhost);
    Outcome outcome{.name = name_of(vhost, change.entry)};
    const bool again =
        change.entry.name == "source" ? is_known(vhost.sources, outcome.name) : is_known(vhost.pushes, outcome.name);
    if (again) return refused(conflict, "it is there already, as " + outcome.name);
    std::string fault = fault_of_sound(next, change.entry, surroundings);
    return fault.empty() ? outcome : refused(bad_request, std::move(fault));
  });
}

const config::Variable* variable_of(const config::Config& config, const std::string& name) {
  const auto found = std::ranges::find_if(config.variables, [&](const auto& one) { return one.name == name; });
  return found == config.variables.end() ? nullptr : &*found;
}

// Takes it out, and says whether it was there.
bool take_variable(std::vector<Node>& nodes, const std::string& name) {
  std::size_t taken = 0;
  for (Node& block : nodes) {
    if (block.name == "variables")
      taken += std::erase_if(block.children, [&](const Node& one) { return one.name == name; });
  }
  std::erase_if(nodes, [](const Node& node) { return node.children.empty(); });
  return taken > 0;
}

// Why the API has no say in it; empty: it has.
std::string fault_of_variable(const config::Config& running, const std::string& name) {
  if (!config::allows(running.http_api.overlay_allow, "variables"))
    return "variables cannot be set here unless 'overlay_allow variables;' of http_api says so";
  const config::Variable* const known = variable_of(running, name);
  if (!known || known->from == config::Variable::From::api) return {};
  return fmt::format("it is configured, at {}: the API changes what it set itself", known->at);
}

// What it was before does not matter: it is set. The value is in no word of the answer.
Outcome set(const config::Config& running, const Change& change, std::vector<Node> nodes, const File& file,
            const config::Surroundings& surroundings) {
  const std::string& value = change.entry.words.front();
  if (!config::is_variable_name(change.name))
    return refused(bad_request, "the name of a variable has letters, digits and '_'");
  if (!config::is_variable_value(value))
    return refused(bad_request, fmt::format("the value is longer than {} bytes, or has a control character",
                                            config::longest_variable));
  if (!config::can_be_written(value)) return refused(bad_request, "the value has both kinds of quotation marks");
  if (auto fault = fault_of_variable(running, change.name); !fault.empty()) return refused(conflict, std::move(fault));
  take_variable(nodes, change.name);
  auto block = std::ranges::find_if(nodes, [](const Node& node) { return node.name == "variables"; });
  if (block == nodes.end()) block = nodes.insert(nodes.begin(), {.name = "variables", .is_block = true});
  block->children.push_back({.name = change.name, .words = {value}});
  Outcome outcome = put(running, config::overlay_text(nodes), file, surroundings);
  outcome.name = change.name;
  return outcome;
}

Outcome remove_variable(const config::Config& running, const Change& change, std::vector<Node> nodes, const File& file,
                        const config::Surroundings& surroundings) {
  if (auto fault = fault_of_variable(running, change.name); !fault.empty()) return refused(conflict, std::move(fault));
  if (!take_variable(nodes, change.name))
    return refused(not_found, fmt::format("there is no variable {}", base::shown(change.name)));
  Outcome outcome = put(running, config::overlay_text(nodes), file, surroundings);
  outcome.name = change.name;
  return outcome;
}

// Where an entry stands in the tree: its number among those of its kind, in its virtual host.
struct Found {
  const config::Vhost* vhost;
  std::size_t number;
};

template <class Entry>
Outcome find(const std::vector<Entry>& entries, const config::Vhost& vhost, const std::string& name,
             std::optional<Found>& found) {
  std::size_t number = 0;
  for (const Entry& entry : entries) {
    const bool is_meant = config::name_of(entry) == name;
    if (is_meant && !entry.by_api) {
      return refused(conflict,
                     fmt::format("it is configured, at {}: what the API did not add it does not remove", entry.at));
    }
    if (is_meant) found = Found{&vhost, number};
    number += entry.by_api;
  }
  return {};
}

bool remove_entry(std::vector<Node>& nodes, const std::string& vhost, const std::string& kind, std::size_t number) {
  for (Node& host : nodes) {
    if (host.name != "vhost" || host.words.front() != vhost) continue;
    for (auto entry = host.children.begin(); entry != host.children.end(); ++entry) {
      if (entry->name != kind || number-- > 0) continue;
      host.children.erase(entry);
      std::erase_if(nodes, [](const Node& node) { return node.children.empty(); });
      return true;
    }
  }
  return false;
}

// The file may be edited by hand, and not be read yet: what is removed is looked for in what it would give.
Outcome remove(const config::Config& running, const Change& change, std::vector<Node> nodes, const File& file,
               const config::Surroundings& surroundings) {
  const Report now = config::load_again(running, config::overlay_text(nodes), surroundings);
  if (!now.config) return refused(conflict, first_of(now.errors));
  std::optional<Found> found;
  for (const auto& vhost : now.config->vhosts) {
    if (!change.vhost.empty() && vhost->name != change.vhost) continue;
    Outcome outcome = change.kind == "source" ? find(vhost->sources, *vhost, change.name, found)
                                              : find(vhost->pushes, *vhost, change.name, found);
    if (!outcome.error.empty()) return outcome;
    if (found) break;
  }
  if (!found || !remove_entry(nodes, found->vhost->name, change.kind, found->number)) {
    return refused(not_found, fmt::format("there is no {} {}", change.kind, base::shown(change.name)));
  }
  Outcome outcome = put(running, config::overlay_text(nodes), file, surroundings);
  outcome.name = change.name;
  return outcome;
}

Outcome undo(const config::Config& running, const File& file, const config::Surroundings& surroundings) {
  const auto before = file.read_before();
  if (!before) {
    const bool none = before.error() == boost::system::errc::no_such_file_or_directory;
    return none ? refused(conflict, "there is nothing to take back") : refused_by(file, before.error());
  }
  Report report = config::load_again(running, *before, surroundings);
  if (!report.config) return refused(conflict, first_of(report.errors));
  if (const auto undone = file.undo(); !undone) return refused_by(file, undone.error());
  return {.config = std::move(report.config)};
}

Outcome look(const config::Config& running, const std::vector<Node>& nodes, const File& file,
             const config::Surroundings& surroundings) {
  Outcome outcome{.file = running.http_api.overlay, .text = config::shown_overlay(nodes)};
  const auto before = file.read_before();
  outcome.can_undo = before.has_value();
  if (!before) return outcome;
  const Report now = config::load_again(running, config::overlay_text(nodes), surroundings);
  const Report then = config::load_again(running, *before, surroundings);
  if (now.config && then.config) outcome.undoable = config::diff(*then.config, *now.config);
  return outcome;
}

}  // namespace

Outcome decide(const config::Config& running, const Change& change, const File& file,
               const config::Surroundings& surroundings) {
  if (change.what == Change::What::undo) return undo(running, file, surroundings);
  std::vector<Node> nodes;
  if (auto fault = parse(file, nodes)) return refused(conflict, *std::move(fault));
  switch (change.what) {
    case Change::What::add:
      return add(running, change, std::move(nodes), file, surroundings);
    case Change::What::set:
      return set(running, change, std::move(nodes), file, surroundings);
    case Change::What::remove:
      if (change.kind == "variable") return remove_variable(running, change, std::move(nodes), file, surroundings);
      return remove(running, change, std::move(nodes), file, surroundings);
    default:
      return look(running, nodes, file, surroundings);
  }
}

}  // namespace weir::overlay
