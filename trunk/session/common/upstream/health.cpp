#include "session/common/upstream/health.h"

#include <algorithm>

namespace weir::session::upstream {

namespace {

constexpr std::size_t most_places = 1024, most_streams = 4096;

}  // namespace

void Health::gave(const std::string& place, const base::StreamKey& stream) {
  const std::lock_guard lock(mutex_);
  places_.erase(place);
  const auto [found, is_new] = gave_.insert_or_assign(stream, place);
  if (!is_new) return;
  order_.push_back(stream);
  if (order_.size() <= most_streams) return;
  gave_.erase(order_.front());
  order_.pop_front();
}

void Health::failed(const std::string& place, Time now) {
  const std::lock_guard lock(mutex_);
  if (places_.size() >= most_places && !places_.contains(place)) places_.clear();  // of configurations long gone
  State& state = places_[place];
  const auto rest = std::min(longest_rest, first_rest * (1U << std::min(state.failures, 5U)));
  ++state.failures;
  state.rests_until = now + rest;
}

Health::Time Health::rests_until(const std::string& place) const {
  const auto found = places_.find(place);
  return found == places_.end() ? Time() : found->second.rests_until;
}

bool Health::rests(const std::string& place, Time now) const {
  const std::lock_guard lock(mutex_);
  return now < rests_until(place);
}

std::optional<std::size_t> Health::choose(std::span<const std::string> places, const std::vector<bool>& tried,
                                          const base::StreamKey& stream, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto last = gave_.find(stream);
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i < tried.size() && tried[i]) continue;
    const bool resting = now < rests_until(places[i]);
    if (!resting && last != gave_.end() && last->second == places[i]) return i;
    if (!best) {
      best = i;
    } else if (now < rests_until(places[*best]) && (!resting || rests_until(places[i]) < rests_until(places[*best]))) {
      best = i;
    }
  }
  return best;
}

}  // namespace weir::session::upstream
