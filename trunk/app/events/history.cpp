#include "app/events/history.h"

#include <utility>

namespace weir::events {

void History::add(Clock::time_point now, std::string stats) {
  points_.push_back({now, std::move(stats)});
  while (points_.size() > most_points || now - points_.front().at > kept) points_.pop_front();
}

std::string History::json(Clock::time_point now) const {
  std::string text = R"({"stats":[)";
  bool first = true;
  for (const Point& point : points_) {
    if (now - point.at > kept) continue;
    if (!std::exchange(first, false)) text += ',';
    text += point.stats;
  }
  return text += "]}";
}

}  // namespace weir::events
