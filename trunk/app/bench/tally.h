#pragma once

#include <cstdint>

#include "app/bench/histogram.h"
#include "base/clock.h"

namespace weir::bench {

// What all connections of a run count into.
struct Tally {
  bool measuring = false;
  Histogram delay;                   // publish to receipt, of every stamped frame of every player, while measuring
  Histogram play_to_frame;           // play request (or GET) sent to the first video frame whole
  Histogram connect_to_frame;        // the same from the start of the TCP connect
  Histogram publish_to_accept;       // publish command sent to its onStatus
  std::uint64_t media_messages = 0;  // received while measuring
  std::uint64_t published_messages = 0, published_bytes = 0;  // sent while measuring
  std::uint64_t publish_sends = 0;
  Histogram lateness;  // of our own publishing behind the clip's clock, while measuring: the load's own health
};

}  // namespace weir::bench
