#include "session/webrtc/breaker.h"

#include <algorithm>

namespace weir::session::webrtc {

namespace {

constexpr int most_seconds = 1 << 20;

// True if it was above for as long as `pulse` says; a pulse of zero: never.
bool trips(int& seconds, double percent, int threshold, int pulse) {
  seconds = percent > threshold ? std::min(seconds + 1, most_seconds) : 0;
  return pulse > 0 && seconds >= pulse;
}

}  // namespace

bool Breaker::sample(const config::CircuitBreaker& settings, double busy_percent) {
  const bool high = trips(high_, busy_percent, settings.high_threshold, settings.high_pulse);
  const bool critical = trips(critical_, busy_percent, settings.critical_threshold, settings.critical_pulse);
  Level now = critical ? Level::critical : high ? Level::high : Level::normal;
  if (!settings.enabled) now = Level::normal;
  const bool changed = now != level_;
  level_ = now;
  return changed;
}

}  // namespace weir::session::webrtc
