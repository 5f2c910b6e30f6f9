#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "hub/permit.h"

namespace weir::session::forward {

// What the backends said of the publishers that are there: asked on a publisher's worker, needed at the home of its
// stream. A mutex, touched when somebody publishes, never for a frame. Any thread; one for the process.
class Answers {
 public:
  using Targets = std::vector<std::string>;

  // Kept as long as the hold, which is the publisher's.
  std::unique_ptr<hub::Hold> keep(const base::SessionId& publisher, Targets targets) {
    const std::lock_guard lock(mutex_);
    targets_[publisher] = std::move(targets);
    return std::make_unique<Kept>(*this, publisher);
  }
  // None: no backend was asked.
  std::optional<Targets> find(const base::SessionId& publisher) const {
    const std::lock_guard lock(mutex_);
    const auto found = targets_.find(publisher);
    return found == targets_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  struct Kept final : hub::Hold {
    Kept(Answers& all, const base::SessionId& of) : answers(all), publisher(of) {}
    ~Kept() override {
      const std::lock_guard lock(answers.mutex_);
      answers.targets_.erase(publisher);
    }
    Answers& answers;
    base::SessionId publisher;
  };

  mutable std::mutex mutex_;
  std::unordered_map<base::SessionId, Targets> targets_;
};

}  // namespace weir::session::forward
