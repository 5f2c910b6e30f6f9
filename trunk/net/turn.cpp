#include "net/turn.h"

namespace weir::net {

bool Turn::look(Clock::time_point now) {
  if (!begun_) begun_ = now;
  next_look_ = std::min(spent_ + look_bytes, quota_);
  if (!over_ && spent_ < quota_ && now - *begun_ < longest) return true;
  over_ = true;
  next_look_ = 0;  // stays over, whoever asks
  return false;
}

// A turn that took long, because its bytes were many small messages, makes the next one shorter; one that could have
// done more makes it longer.
void Turn::end() {
  if (begun_ && ended_) {
    const auto took = *ended_ - *begun_;
    if (took > longest) quota_ = std::max(quota_ / 2, least_bytes);
    if (took < longest / 2) quota_ = std::min(quota_ * 2, most_bytes);
  }
  over_ = false;
  ++cut_short_;
  if (total_) ++*total_;
}

}  // namespace weir::net
