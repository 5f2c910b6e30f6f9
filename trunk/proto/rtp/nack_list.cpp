#include "proto/rtp/nack_list.h"

#include <algorithm>

namespace weir::rtp {

using base::Instant;
using std::chrono::milliseconds;

bool NackList::note(std::uint16_t sequence, Instant now) {
  if (!unwrap_.any()) {
    (void)unwrap_(sequence);
    return false;
  }
  const std::int64_t newest = unwrap_.newest();
  const std::int64_t number = unwrap_(sequence);
  if (number <= newest) {
    const auto place = std::lower_bound(missing_.begin(), missing_.end(), number,
                                        [](const Missing& m, std::int64_t value) { return m.sequence < value; });
    if (place != missing_.end() && place->sequence == number) {
      missing_.erase(place);
      ++recovered_;
    }
    return false;
  }
  const std::int64_t gap = number - newest - 1;
  if (static_cast<std::size_t>(gap) + missing_.size() > most_missing) {
    missing_.clear();
    lost_ = true;
    return true;
  }
  for (std::int64_t i = newest + 1; i < number; ++i) missing_.push_back({i, now, now + reorder_wait, 0});
  return false;
}

void NackList::pass(std::uint16_t sequence) {
  if (missing_.empty()) return;
  const std::int64_t number = unwrap_.peek(sequence);
  std::erase_if(missing_, [number](const Missing& missing) { return missing.sequence < number; });
}

std::vector<std::uint16_t> NackList::due(Instant now, milliseconds round_trip) {
  std::vector<std::uint16_t> out;
  const auto base_wait = std::max(round_trip, least_repeat);
  std::erase_if(missing_, [&](Missing& missing) {
    const bool overtaken = missing.tries == 0 && unwrap_.newest() - missing.sequence >= 2;
    if (!overtaken && now < missing.next) return false;
    if (missing.tries == most_tries || now - missing.since >= give_up) {
      lost_ = true;
      return true;
    }
    auto wait = base_wait;
    for (unsigned i = 0; i < missing.tries; ++i) wait += wait / 2;
    ++missing.tries;
    missing.next = now + wait;
    out.push_back(static_cast<std::uint16_t>(missing.sequence));
    ++asked_;
    return false;
  });
  return out;
}

}  // namespace weir::rtp
