#pragma once

#include <cstddef>
#include <mutex>

#include "base/bytes.h"
#include "net/blocking_pool.h"

namespace weir::session::hls {

// Where segments go that nobody has any longer. The system takes back a page at a time: 64 MB are 30 ms, in which the
// worker that lets go of them last would serve nobody. Any thread.
class Disposal {
 public:
  static constexpr std::size_t least_bytes = 1u << 20;  // less is gone in no time

  explicit Disposal(net::BlockingPool& pool) : pool_(&pool) {}
  // They go on a thread of the pool, if this is the last that is known of them; here, where the pool has no room.
  void take(base::SharedBytes bytes);
  // The pool is about to end. What is taken from now on goes at once.
  void close();

 private:
  std::mutex mutex_;
  net::BlockingPool* pool_;
};

}  // namespace weir::session::hls
