#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "hub/feed.h"
#include "hub/memory.h"
#include "hub/wire.h"
#include "net/mailbox.h"
#include "net/turn.h"

namespace weir::hub {

// What a Source tells a Feed on another worker.
struct Letter {
  enum class Kind : std::uint8_t { begin, begin_barren, header, wires, gap, barren, end } kind;
  base::SharedBytes header;
  std::vector<Wire> wires;
};

// The way from a Source to a Feed of another worker: immutable wires by message, without locks, at most one notice
// under way. Bounded in bytes: what a worker that is held up does not fetch is dropped up to the next entry point, and
// counted.
class MirrorBox {
 public:
  static constexpr std::size_t usual_bytes = 64u << 20;

  explicit MirrorBox(MemoryBudget* memory = nullptr, std::size_t most_bytes = usual_bytes)
      : most_bytes_(most_bytes), account_(memory, Cache::mailbox) {}
  // Source's worker. True if the receiver must be told to drain.
  bool put(Letter letter);
  // Feed's worker. One turn of it; true if more is left, for which the caller comes back.
  bool drain(Feed& feed, net::Turn& turn);
  std::uint64_t dropped_wires() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  const std::size_t most_bytes_;
  net::Mailbox<Letter> box_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint64_t> dropped_{0};
  MemoryAccount account_;  // source's side
  bool dropping_ = false;  // source's side: until the next entry
};

}  // namespace weir::hub
