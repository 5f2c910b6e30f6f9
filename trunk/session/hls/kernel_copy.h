#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace weir::session::hls {

class Budget;

// An item once more, as a file in memory that the kernel sends without copying it. Made for what is large and asked for
// again. Any thread.
class KernelCopy {
 public:
  static constexpr std::size_t least_bytes = 64 * 1024;   // below, a copy costs less than the calls it saves
  static constexpr std::size_t largest_bytes = 4u << 20;  // above, making it would hold the worker

  // For an item of that size; null where it does not pay.
  static std::shared_ptr<KernelCopy> for_size(std::size_t bytes) {
    return bytes >= least_bytes && bytes <= largest_bytes ? std::make_shared<KernelCopy>() : nullptr;
  }

  KernelCopy() = default;
  ~KernelCopy();
  KernelCopy(const KernelCopy&) = delete;
  KernelCopy& operator=(const KernelCopy&) = delete;

  // The file; -1 while there is none. Made by the second call, if `budget` has room for it below `most_bytes`; what it
  // takes is given back with this object.
  int file(base::Bytes bytes, Budget& budget, std::uint64_t most_bytes);

 private:
  std::atomic<int> file_{-1};
  std::atomic<unsigned> asked_{0};
  Budget* budget_ = nullptr;
  std::uint64_t taken_ = 0;
};

}  // namespace weir::session::hls
