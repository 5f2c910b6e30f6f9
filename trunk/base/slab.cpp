#include "base/slab.h"

#include <algorithm>
#include <cassert>

namespace weir::base {

MutableBytes Slab::reserve(std::size_t size) {
  if (block_.capacity() - used_ < size) {
    block_ = Block::allocate(std::max(size, next_block_));
    used_ = 0;
    next_block_ = std::min(next_block_ * 2, largest_block_);
  }
  return {block_.data() + used_, size};
}

SharedBytes Slab::commit(std::size_t size) {
  assert(used_ + size <= block_.capacity() && "more was committed than reserved");
  const std::uint8_t* start = block_.data() + used_;
  used_ += size;
  return {block_, start, size};
}

SharedBytes Slab::append(Bytes bytes) {
  const MutableBytes room = reserve(bytes.size());
  if (!bytes.empty()) std::memcpy(room.data(), bytes.data(), bytes.size());
  return commit(bytes.size());
}

}  // namespace weir::base
