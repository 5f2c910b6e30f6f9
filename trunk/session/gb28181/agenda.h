#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.h"

namespace weir::session::gb28181 {

// What is due when, by key: each has one time. Looking costs nothing that grows.
template <class Key>
class Agenda {
 public:
  void set(const Key& key, base::Instant when) {
    cancel(key);
    when_.emplace(key, when);
    order_.emplace(when, key);
  }
  void cancel(const Key& key) {
    const auto found = when_.find(key);
    if (found == when_.end()) return;
    order_.erase({found->second, key});
    when_.erase(found);
  }
  bool has(const Key& key) const { return when_.contains(key); }
  // What is due, one by one, the oldest first; it is on the agenda no longer.
  std::optional<Key> take_due(base::Instant now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    Key key = order_.begin()->second;
    cancel(key);
    return key;
  }

 private:
  std::map<Key, base::Instant> when_;
  std::set<std::pair<base::Instant, Key>> order_;
};

}  // namespace weir::session::gb28181
