#pragma once

#include <chrono>
#include <deque>
#include <string>

namespace weir::events {

// The figures of the last five minutes, for whoever comes anew. On one worker.
class History {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes kept{5};
  static constexpr std::size_t most_points = 300;

  // `stats`: the JSON of one moment.
  void add(Clock::time_point now, std::string stats);
  // {"stats":[...]}, the oldest first.
  std::string json(Clock::time_point now) const;

 private:
  struct Point {
    Clock::time_point at;
    std::string stats;
  };
  std::deque<Point> points_;
};

}  // namespace weir::events
