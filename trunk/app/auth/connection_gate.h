#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "config/server.h"

namespace weir::auth {

// How many connections the process has, in all and by address, and how fast they come, against the limits at the root
// of the configuration. A mutex, touched twice a connection, never for media. Outlives its seats. Any thread.
class ConnectionGate {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Limit : std::uint8_t { none, connections, of_address, rate };

  // A seat of a connection, or which limit it met. `seat` gives it back when the last holder is gone.
  Limit enter(const std::string& address, const config::Limits& limits, Clock::time_point now,
              std::shared_ptr<const void>& seat);
  std::uint32_t value() const;
  std::uint64_t refused() const;

 private:
  void leave(const std::string& address);

  mutable std::mutex mutex_;
  std::uint32_t count_ = 0;
  std::unordered_map<std::string, std::uint32_t> by_address_;
  double allowance_ = 0;  // connections that may come at once: a bucket of one second, refilled as time goes
  Clock::time_point refilled_{};
  std::uint64_t refused_ = 0;
};

std::string_view name_of(ConnectionGate::Limit limit);

}  // namespace weir::auth
