#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/wall_time.h"
#include "hub/request.h"

namespace weir::cluster {

// Whether this server takes newcomers, and why not. Of the process: main and the API tell it, any worker asks.
class Readiness {
 public:
  enum class State : std::uint8_t {
    starting,  // not all of it listens yet
    ready,
    draining,  // an operator wants it empty: newcomers go elsewhere, whoever is here stays
    leaving,   // a graceful quit: everybody is served until the ports are closed
  };

  State state() const {
    if (leaving_) return State::leaving;
    if (!started_) return State::starting;
    return draining_since_ms_ != 0 ? State::draining : State::ready;
  }
  bool ready() const { return state() == State::ready; }
  bool draining() const { return draining_since_ms_ != 0; }
  // Milliseconds of the wall clock; 0: it does not drain.
  std::int64_t draining_since_ms() const { return draining_since_ms_; }

  void started() { started_ = true; }
  void leave() { leaving_ = true; }
  // False if it was so before.
  bool drain() {
    std::int64_t no = 0;
    return draining_since_ms_.compare_exchange_strong(no, base::wall_time_ms());
  }
  bool resume() { return draining_since_ms_.exchange(0) != 0; }

  // Newcomers who were not let in because of it; sent elsewhere or away.
  void count(hub::Action action, bool elsewhere) { ++counts_[static_cast<std::size_t>(action)][elsewhere ? 1 : 0]; }
  std::uint64_t counted(hub::Action action, bool elsewhere) const {
    return counts_[static_cast<std::size_t>(action)][elsewhere ? 1 : 0];
  }

 private:
  std::atomic<bool> started_{false}, leaving_{false};
  std::atomic<std::int64_t> draining_since_ms_{0};
  std::array<std::array<std::atomic<std::uint64_t>, 2>, 2> counts_{};
};

constexpr std::string_view name_of(Readiness::State state) {
  constexpr std::string_view names[] = {"starting", "ready", "draining", "leaving"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace weir::cluster
