#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace weir::hub {

// Something that a session holds as long as it lasts; its destructor gives it back. On the session's worker.
class Hold {
 public:
  Hold() = default;
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  virtual ~Hold() = default;
};

// That a session may publish or play, with everything that its rules took for it: a seat under a limit. Part of the
// session's token (Input, Subscription, Visit), which gives it all back when it ends.
class [[nodiscard]] Permit {
 public:
  void hold(std::unique_ptr<Hold> what) { held_.push_back(std::move(what)); }

 private:
  std::vector<std::unique_ptr<Hold>> held_;
};

}  // namespace weir::hub
