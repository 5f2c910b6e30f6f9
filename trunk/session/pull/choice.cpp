#include "session/pull/choice.h"

#include <algorithm>

namespace weir::session::pull {

namespace {

bool is_better(std::span<const Candidate> all, std::size_t one, std::size_t than) {
  if (all[one].priority != all[than].priority) return all[one].priority > all[than].priority;
  return one < than;
}

// It may bring frames soon.
bool has_hope(const Candidate& one, std::chrono::steady_clock::duration patience) {
  switch (one.state) {
    case State::connecting:
    case State::receiving:
      return one.in_state < patience;
    case State::standby:
      return true;  // its turn is before
    case State::waiting:
    case State::stopped:
      break;
  }
  return false;
}

}  // namespace

Step step_of(std::span<const Candidate> all, std::size_t which, const std::optional<hub::Directory::Standing>& standing,
             std::chrono::steady_clock::duration patience) {
  const Candidate& self = all[which];
  if (!self.cold || self.state == State::stopped) return Step::stay;
  if (self.state == State::standby) {
    if (standing && standing->best && *standing->best >= self.priority) return Step::stay;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i != which && is_better(all, i, which) && has_hope(all[i], patience)) return Step::stay;
    }
    return Step::begin;
  }
  if (!standing || !standing->active || standing->silent || standing->active == self.id) return Step::stay;
  if (standing->priority != self.priority) return standing->priority > self.priority ? Step::rest : Step::stay;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Candidate& one) { return one.id == standing->active; });
  const bool better = found == all.end() || is_better(all, static_cast<std::size_t>(found - all.begin()), which);
  return better ? Step::rest : Step::stay;
}

}  // namespace weir::session::pull
