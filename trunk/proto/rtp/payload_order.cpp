#include "proto/rtp/payload_order.h"

namespace weir::rtp {

void PayloadOrder::begin_anew() {
  before_ = {.lost = lost(), .late = late(), .duplicates = duplicates()};
  reorder_ = Reorder();
  ++restarts_;
}

}  // namespace weir::rtp
