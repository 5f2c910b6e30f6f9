#pragma once

#include <cassert>
#include <thread>

namespace weir::base {

// Asserts, in builds with assertions, that a single-threaded object is used on one thread only: the first that checks.
class ThreadCheck {
 public:
#ifdef NDEBUG
  void check() const {}
#else
  void check() const {
    if (owner_ == std::thread::id()) owner_ = std::this_thread::get_id();
    assert(owner_ == std::this_thread::get_id() && "used on a thread that is not its worker");
  }

 private:
  mutable std::thread::id owner_;
#endif
};

}  // namespace weir::base
