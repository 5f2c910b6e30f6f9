#pragma once

#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/ids.h"

namespace weir::session::forward {

// Which targets of which streams an operator stopped: a stream that ends and begins again, on whichever worker, finds
// them so. A mutex, touched at commands and when a stream begins. Any thread; one for the process.
class Stopped {
 public:
  static constexpr std::size_t most = 10'000;  // beyond it a stop lasts as long as the stream

  void set(const base::StreamKey& stream, const std::string& target, bool stopped) {
    const std::lock_guard lock(mutex_);
    if (!stopped) {
      all_.erase({stream, target});
    } else if (all_.size() < most) {
      all_.emplace(stream, target);
    }
  }
  bool has(const base::StreamKey& stream, const std::string& target) const {
    const std::lock_guard lock(mutex_);
    return all_.contains({stream, target});
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::pair<base::StreamKey, std::string>> all_;
};

}  // namespace weir::session::forward
