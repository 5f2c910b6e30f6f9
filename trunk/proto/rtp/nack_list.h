#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "proto/rtp/sequence.h"

namespace weir::rtp {

// Which packets of one source are missing, and when to ask for them again (RFC 4585 6.2.1). A gap is asked for when
// two later packets came or after `reorder_wait`, and again after the round trip, each time half as long again; after
// most_tries or `give_up` the packet is lost for good. Lives on the session's worker.
class NackList {
 public:
  static constexpr std::chrono::milliseconds reorder_wait{10}, least_repeat{20}, give_up{1000};
  static constexpr unsigned most_tries = 10;
  static constexpr std::size_t most_missing = 500;

  // A packet came. True if a gap was given up because there were too many: a key frame is needed.
  bool note(std::uint16_t sequence, base::Instant now);
  // Which to ask for now, in rising order; empty: nothing. `round_trip` as it is known.
  std::vector<std::uint16_t> due(base::Instant now, std::chrono::milliseconds round_trip);
  // Packets before this one are of no use any more.
  void pass(std::uint16_t sequence);
  // True once after packets were given up: decoding cannot go on without a key frame.
  bool take_lost() { return std::exchange(lost_, false); }
  std::size_t missing() const { return missing_.size(); }
  std::uint64_t asked() const { return asked_; }
  std::uint64_t recovered() const { return recovered_; }

 private:
  struct Missing {
    std::int64_t sequence;
    base::Instant since, next;
    unsigned tries = 0;
  };

  // state
  Unwrapper<std::uint16_t> unwrap_;
  std::vector<Missing> missing_;  // rising
  bool lost_ = false;
  std::uint64_t asked_ = 0, recovered_ = 0;
};

}  // namespace weir::rtp
