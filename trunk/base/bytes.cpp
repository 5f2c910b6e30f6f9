#include "base/bytes.h"

#include <cassert>
#include <limits>
#include <new>

namespace weir::base {

Block Block::allocate(std::size_t capacity) {
  assert(capacity <= std::numeric_limits<std::uint32_t>::max() && "a block is at most 4 GiB");
  void* memory = ::operator new(sizeof(Head) + capacity);
  return Block(::new (memory) Head{1, static_cast<std::uint32_t>(capacity)});
}

void Block::release(Head* head) {
  head->~Head();
  ::operator delete(head);
}

SharedBytes SharedBytes::copy_of(Bytes bytes) {
  if (bytes.empty()) return {};
  Block block = Block::allocate(bytes.size());
  std::memcpy(block.data(), bytes.data(), bytes.size());
  const std::uint8_t* data = block.data();
  return {std::move(block), data, bytes.size()};
}

}  // namespace weir::base
