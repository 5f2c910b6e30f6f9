#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace weir::media {

// Decoding times for frames that come in decoding order and say only when they are shown (RTP). Where pictures are
// shown in another order than decoded, the dts is the earliest time of those that may still be waited for; else it is
// the pts. It only grows. One for each track.
class DecodeOrder {
 public:
  static constexpr unsigned most_reorder = 16;

  // How many pictures may come before one that is shown earlier, as the parameter sets say. A stream that reorders
  // although it did not say so is noticed: from then on as if it had said `unsaid_reorder`.
  void set_reorder(unsigned pictures);
  base::Ticks dts(base::Ticks pts);
  // A jump of the clock: what was before it says nothing of what comes.
  void reset();

  unsigned reorder() const { return reorder_; }
  static constexpr unsigned unsaid_reorder = 2;

 private:
  // state
  std::vector<base::Ticks> waiting_;  // falling; at most reorder_ and one
  unsigned reorder_ = 0;
  unsigned begun_ = 0;  // frames, up to reorder_
  bool any_ = false;
  base::Ticks last_{}, newest_{};
  base::Ticks step_ = std::chrono::milliseconds(33);  // between frames as shown, for the first ones
};

}  // namespace weir::media
