#pragma once

#include <cstdint>

#include "config/server.h"

namespace weir::session::webrtc {

// Sheds work of WebRTC while a worker has no time left (circuit_breaker): first what repairs losses, then the feedback
// that lets publishers send more. Media goes on. One for each worker, on that worker.
class Breaker {
 public:
  enum class Level : std::uint8_t { normal, high, critical };

  // How much of the last second the worker computed, in per cent. True if the level is another now.
  bool sample(const config::CircuitBreaker& settings, double busy_percent);

  Level level() const { return level_; }
  bool sends_again() const { return level_ < Level::high; }         // NACKs, both ways
  bool gives_feedback() const { return level_ < Level::critical; }  // transport-wide

 private:
  // state
  Level level_ = Level::normal;
  int high_ = 0, critical_ = 0;  // seconds above the threshold, without a break
};

}  // namespace weir::session::webrtc
