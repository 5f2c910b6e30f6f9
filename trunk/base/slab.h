#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace weir::base {

// Packs small writes one behind the other into shared blocks, so that neighbours in time are neighbours in memory and
// leave in one send. Single writer; the slices that it hands out are immutable and may go to any thread.
//
//   MutableBytes room = slab.reserve(n);  fill(room);  SharedBytes wire = slab.commit(used);
class Slab {
 public:
  // Blocks start at `first_block` bytes and double up to `largest_block` while the stream keeps filling them.
  explicit Slab(std::size_t first_block = 16 * 1024, std::size_t largest_block = 256 * 1024)
      : next_block_(first_block), largest_block_(largest_block) {}

  // Room for `size` contiguous bytes. Valid until the next call.
  MutableBytes reserve(std::size_t size);
  // Takes the first `size` bytes of what was reserved last.
  SharedBytes commit(std::size_t size);
  SharedBytes append(Bytes bytes);

 private:
  Block block_;
  std::size_t used_ = 0;
  std::size_t next_block_;
  std::size_t largest_block_;
};

}  // namespace weir::base
