#include "session/hls/coming.h"

#include "net/worker.h"

namespace weir::session::hls {

void Coming::came(const base::StreamKey& key) {
  if (hopes_.empty()) return;  // as it is almost always
  const auto found = hopes_.find(key);
  if (found == hopes_.end()) return;
  for (Hope& hope : found->second) hope.wake_.notify();
}

void Coming::cannot_come(const base::StreamKey& key, base::ErrorCode why) {
  const auto found = hopes_.find(key);
  if (found == hopes_.end()) return;
  for (Hope& hope : found->second) {
    hope.absence_ = why;
    hope.wake_.notify();
  }
}

Hope::Hope(Coming& coming, const base::StreamKey& key, net::Worker& worker, std::chrono::milliseconds limit)
    : coming_(coming), key_(key), wake_(worker.io()), timer_([this] {
        over_ = true;
        wake_.notify();
      }) {
  coming_.hopes_[key_].push_back(*this);
  worker.wheel().arm(timer_, limit);
}

Hope::~Hope() {
  const auto found = coming_.hopes_.find(key_);
  found->second.erase(Coming::Hopes::s_iterator_to(*this));
  if (found->second.empty()) coming_.hopes_.erase(found);
}

net::Task<bool> Hope::wait() {
  const auto woken = co_await wake_.wait();
  co_return woken && !over_ && !absence_;
}

}  // namespace weir::session::hls
