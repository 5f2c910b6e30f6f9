#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "proto/rtp/packet.h"
#include "proto/rtp/sequence.h"

namespace weir::rtp {

// Packets of one source in the order of their numbers. One that is missing is waited for, but no longer than `wait`
// after the first that came behind it; then it is a gap. Lives on the session's worker.
class Reorder {
 public:
  static constexpr std::size_t most_held = 512;

  struct Ordered {
    Packet packet;  // points into `bytes`
    base::SharedBytes bytes;
    bool after_gap = false;  // packets before it are lost for good
    base::Instant arrived{};
  };

  // A datagram that parse() understood; duplicates and what comes too late are dropped and counted.
  void input(const Packet& packet, base::SharedBytes bytes, base::Instant now);
  // The packet of this number is the next one and nothing waits: whoever has it may use it as it is, and it is counted
  // as given. Else it has to go through input().
  bool take_at_once(std::uint16_t sequence);
  // The next in order, if it is there or `wait` is over.
  std::optional<Ordered> next(base::Instant now, std::chrono::milliseconds wait);
  // When next() may have more although nothing came: the end of the wait for a gap.
  std::optional<base::Instant> deadline(std::chrono::milliseconds wait) const;

  std::uint64_t late() const { return late_; }
  std::uint64_t duplicates() const { return duplicates_; }
  std::uint64_t lost() const { return lost_; }

 private:
  // state
  Unwrapper<std::uint16_t> unwrap_;
  std::map<std::int64_t, Ordered> held_;
  std::optional<std::int64_t> next_;
  std::uint64_t late_ = 0, duplicates_ = 0, lost_ = 0;
};

}  // namespace weir::rtp
