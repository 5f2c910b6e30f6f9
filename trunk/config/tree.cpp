#include "config/tree.h"

#include <map>
#include <utility>

#include "base/redact.h"

namespace weir::config {
namespace {

constexpr std::size_t most_problems = 200;

void note_left_out(std::vector<Problem>& list, std::size_t left_out) {
  if (left_out == 0) return;
  list.push_back({.file = list.back().file, .line = 0, .reason = "and " + std::to_string(left_out) + " more"});
}

// By line within each file, and the files in the order in which they first occur.
void sort(std::vector<Problem>& list) {
  std::map<std::string, std::size_t> order;
  std::multimap<std::pair<std::size_t, unsigned>, Problem> sorted;  // equal keys stay as they came
  for (Problem& problem : list) {
    const std::size_t file = order.try_emplace(problem.file, order.size()).first->second;
    sorted.emplace(std::pair(file, problem.line), std::move(problem));
  }
  list.clear();
  for (auto& [key, problem] : sorted) list.push_back(std::move(problem));
}

}  // namespace

const Node* Node::child(std::string_view wanted) const {
  for (const Node& node : children) {
    if (node.name == wanted) return &node;
  }
  return nullptr;
}

bool Problems::is_full() const { return errors_.size() >= most_problems; }

void Problems::add(std::vector<Problem>& list, std::size_t& left_out, const Place& place, const std::string& reason) {
  if (list.size() >= most_problems) {
    ++left_out;
    return;
  }
  list.push_back({place.file ? *place.file : std::string(), place.line, base::quotations_shown(reason)});
}

void Problems::move_to(Report& report) && {
  sort(errors_);
  sort(warnings_);
  note_left_out(errors_, errors_left_out_);
  note_left_out(warnings_, warnings_left_out_);
  report.errors = std::move(errors_);
  report.warnings = std::move(warnings_);
}

}  // namespace weir::config
