#include "hub/demand.h"

namespace weir::hub {

void Demand::wanted(const Request& request) {
  if (starters_.empty()) return;
  const base::StreamKey key = request.key();
  if (!directory_.begin_start(key, worker_)) return;
  for (Starter* starter : starters_) {
    // It may fail at once.
    started_[key] = starter;
    if (starter->start(request)) return;
  }
  failed(key);
}

bool Demand::can_start(const Request& request) const {
  for (const Starter* starter : starters_) {
    if (starter->can_start(request)) return true;
  }
  return false;
}

void Demand::unwanted(const base::StreamKey& key) {
  const auto found = started_.find(key);
  if (found == started_.end() || !directory_.end_start(key, false)) return;
  Starter* starter = found->second;
  started_.erase(found);
  starter->stop(key);
}

bool Demand::failed(const base::StreamKey& key) {
  if (started_.erase(key) == 0) return false;
  directory_.end_start(key, true);
  return true;
}

}  // namespace weir::hub
