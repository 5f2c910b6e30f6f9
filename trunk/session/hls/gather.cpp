#include "session/hls/gather.h"

#include <algorithm>
#include <cstring>

namespace weir::session::hls {

namespace {

constexpr std::size_t least_capacity = 4 * 1024;

}  // namespace

void Gather::begin() {
  if (size_ > 0) last_size_ = size_;
  size_ = 0;
  block_ = {};  // who has slices keeps it
}

void Gather::append(base::Bytes bytes) {
  if (bytes.empty()) return;
  if (size_ + bytes.size() > block_.capacity()) grow(size_ + bytes.size());
  std::memcpy(block_.data() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

// Segments differ by a little: an eighth more than the last had is enough as a rule, and little is left unused.
void Gather::grow(std::size_t least) {
  const std::size_t wanted = block_ ? block_.capacity() * 2 : last_size_ + last_size_ / 8;
  base::Block larger = base::Block::allocate(std::max({least, wanted, least_capacity}));
  if (size_ > 0) std::memcpy(larger.data(), block_.data(), size_);
  block_ = std::move(larger);
}

base::SharedBytes Gather::since(std::size_t offset) const {
  if (offset == size_) return {};
  return {block_, block_.data() + offset, size_ - offset};
}

void Gather::release() {
  block_ = {};
  size_ = last_size_ = 0;
}

}  // namespace weir::session::hls
