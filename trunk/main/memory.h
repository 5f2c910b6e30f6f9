#pragma once

#include <chrono>
#include <cstdint>

#include "hub/memory.h"

// How much memory the process may have, and has.
namespace weir::process {

// The least of: the machine's memory, the limits of the process's control groups (v2 and v1) and of RLIMIT_AS and
// RLIMIT_DATA; of the former what is mapped already is taken off. Bytes; read anew at each call. All ones: no limit is
// known.
std::uint64_t memory_limit();
std::uint64_t resident_bytes();
std::uint64_t mapped_bytes();

// The budget of caches: what was configured, else the part of the limit that leaves room for connections, for messages
// under way and for a heap with holes. `limit` as memory_limit() had it at the start.
void set_budget(hub::MemoryBudget& budget, std::uint64_t configured, std::uint64_t limit);

// Gives memory back to the system after a peak: a heap keeps what was freed, and the peak would stay for good. Looks at
// the load, which is cheap; calls the allocator only when a quarter of a peak is gone, and not more than every 10 s.
// Used by one thread, none of the workers: the allocator is locked meanwhile, arena by arena.
class HeapTrimmer {
 public:
  using Clock = std::chrono::steady_clock;

  // `load_bytes` goes up and down with what is in use. True when the heap was trimmed.
  bool look(std::uint64_t load_bytes, Clock::time_point now);
  std::uint64_t trims() const { return trims_; }

 private:
  std::uint64_t peak_ = 0;
  Clock::time_point last_{};
  std::uint64_t trims_ = 0;
};

}  // namespace weir::process
