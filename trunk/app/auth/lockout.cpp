#include "app/auth/lockout.h"

#include <algorithm>

namespace weir::auth {

void Lockout::forget_old(Clock::time_point now) {
  while (!entries_.empty() && (entries_.size() > most_addresses || now - entries_.back().last > memory)) {
    by_address_.erase(entries_.back().address);
    entries_.pop_back();
  }
}

Lockout::Millis Lockout::locked_for(const std::string& address, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_address_.find(address);
  if (found == by_address_.end() || found->second->locked_until <= now) return Millis{0};
  locked_.fetch_add(1, std::memory_order_relaxed);
  return std::max(Millis{1}, std::chrono::duration_cast<Millis>(found->second->locked_until - now));
}

Lockout::Penalty Lockout::wrong(const std::string& address, Clock::time_point now) {
  wrong_.fetch_add(1, std::memory_order_relaxed);
  const std::scoped_lock lock(mutex_);
  auto found = by_address_.find(address);
  if (found == by_address_.end()) {
    entries_.push_front({.address = address});
    found = by_address_.emplace(address, entries_.begin()).first;
  } else if (now - found->second->last > memory) {
    *found->second = {.address = address};
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  Entry& entry = entries_.front();
  entry.last = now;
  ++entry.tries;
  forget_old(now);
  if (entry.tries >= tries) {
    // After a lock a few tries are free again, and fewer each time would only lock out who mistypes.
    entry.tries = free_tries;
    const Millis time = std::min(longest_lock, first_lock * (1U << std::min(entry.locks++, 10U)));
    entry.locked_until = now + time;
    return {Millis{0}, time};
  }
  if (entry.tries <= free_tries) return {};
  return {std::min(longest_delay, first_delay * (1U << (entry.tries - free_tries - 1))), Millis{0}};
}

void Lockout::right(const std::string& address) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return;
  entries_.erase(found->second);
  by_address_.erase(found);
}

std::size_t Lockout::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

}  // namespace weir::auth
