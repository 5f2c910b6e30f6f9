#include "app/events/variables.h"

#include <nlohmann/json.hpp>

#include "base/wall_time.h"

namespace weir::events {

using nlohmann::ordered_json;

namespace {

constexpr std::string_view prefix = "variables.";
constexpr std::size_t most_names = 100;

}  // namespace

void tell_variables(Board& board, const std::vector<config::Change>& changes) {
  ordered_json set = ordered_json::array(), removed = ordered_json::array();
  std::size_t all = 0;
  for (const config::Change& change : changes) {
    if (!change.path.starts_with(prefix) || ++all > most_names) continue;
    (change.to.empty() ? removed : set).push_back(change.path.substr(prefix.size()));
  }
  if (all == 0) return;
  const ordered_json data{{"time_ms", base::wall_time_ms()},
                          {"set", std::move(set)},
                          {"removed", std::move(removed)},
                          {"left_out", all - std::min(all, most_names)}};
  board.tell("variables", data.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

}  // namespace weir::events
