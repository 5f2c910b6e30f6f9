#include "base/gather.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::base {

namespace {

constexpr std::size_t least_capacity = 4 * 1024;

}  // namespace

void Gather::begin() {
  if (size_ > 0) last_size_ = size_;
  size_ = 0;
  block_ = {};  // who has slices keeps it
  next_ = {};
}

void Gather::append(Bytes bytes) {
  if (bytes.empty()) return;
  if (block_.capacity() > most_at_once) move_on(bytes.size());
  if (size_ + bytes.size() > block_.capacity()) change_over(size_ + bytes.size());
  std::memcpy(block_.data() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

void Gather::overwrite(std::size_t offset, Bytes bytes) {
  std::memcpy(block_.data() + offset, bytes.data(), bytes.size());
  if (next_ && offset < in_next_) {
    std::memcpy(next_.data() + offset, bytes.data(), std::min(bytes.size(), in_next_ - offset));
  }
}

void Gather::shrink(std::size_t size) {
  size_ = size;
  in_next_ = std::min(in_next_, size);
}

// In the last quarter of a block four times of what comes moves on, so that all has moved when the block is full.
void Gather::move_on(std::size_t coming) {
  if (size_ + coming <= block_.capacity() / 4 * 3) return;
  if (!next_) {
    next_ = Block::allocate(std::max(block_.capacity() * 2, size_ + coming));
    in_next_ = 0;
  }
  move(4 * coming);
}

void Gather::move(std::size_t most) {
  const std::size_t count = std::min(most, size_ - in_next_);
  if (count > 0) std::memcpy(next_.data() + in_next_, block_.data() + in_next_, count);
  in_next_ += count;
  moved_ += count;
}

// Segments differ by a little: an eighth more than the last had is enough as a rule, and little is left unused.
void Gather::change_over(std::size_t least) {
  if (next_.capacity() < least) {
    const std::size_t wanted = block_ ? block_.capacity() * 2 : last_size_ + last_size_ / 8;
    next_ = Block::allocate(std::max({least, wanted, least_capacity}));
    in_next_ = 0;
  }
  move(size_);
  block_ = std::exchange(next_, {});
}

SharedBytes Gather::since(std::size_t offset) const {
  if (offset == size_) return {};
  return {block_, block_.data() + offset, size_ - offset};
}

void Gather::release() {
  block_ = {};
  next_ = {};
  size_ = last_size_ = 0;
}

}  // namespace weir::base
