#include "media/decode_order.h"

#include <algorithm>
#include <functional>

namespace weir::media {

using base::Ticks;

void DecodeOrder::set_reorder(unsigned pictures) {
  pictures = std::min(pictures, most_reorder);
  if (pictures == reorder_) return;
  reorder_ = pictures;
  reset();
}

void DecodeOrder::reset() {
  waiting_.clear();
  begun_ = 0;
}

Ticks DecodeOrder::dts(Ticks pts) {
  if (any_ && pts < newest_ && reorder_ == 0) set_reorder(unsaid_reorder);
  newest_ = any_ ? std::max(newest_, pts) : pts;
  Ticks out = pts;
  if (reorder_ > 0) {
    waiting_.insert(std::lower_bound(waiting_.begin(), waiting_.end(), pts, std::greater<>()), pts);
    if (begun_ < reorder_) {
      // Nothing can be taken yet: as far before the earliest as frames are missing before it.
      out = waiting_.back() - step_ * (reorder_ - begun_);
      ++begun_;
    } else {
      out = waiting_.back();
      waiting_.pop_back();
    }
  }
  if (any_ && out <= last_) out = last_ + Ticks(1);
  any_ = true;
  last_ = out;
  return out;
}

}  // namespace weir::media
