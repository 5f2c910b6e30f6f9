#include "base/log_tail.h"

#include <algorithm>

namespace weir::log {

void Tail::add(const Line& line) {
  KeptLine kept{0, line.time, line.level, line.id, std::string(line.text)};
  const std::lock_guard lock(mutex_);
  kept.number = ++last_;
  bytes_ += kept.text.size();
  lines_.push_back(std::move(kept));
  while (lines_.size() > most_lines || bytes_ > most_bytes) {
    bytes_ -= lines_.front().text.size();
    lines_.pop_front();
  }
}

std::vector<KeptLine> Tail::read(std::uint64_t after, std::size_t most, Level lowest) const {
  std::vector<KeptLine> found;
  const std::lock_guard lock(mutex_);
  for (auto line = lines_.rbegin(); line != lines_.rend() && line->number > after && found.size() < most; ++line) {
    if (line->level >= lowest) found.push_back(*line);
  }
  std::ranges::reverse(found);
  return found;
}

}  // namespace weir::log
