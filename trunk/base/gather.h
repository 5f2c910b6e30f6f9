#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace weir::base {

// The bytes of a segment of media as they come, in one block: its parts and the whole of it are slices, so that nothing
// is copied when one of them ends, however large it is. A segment that outgrows its block moves to a larger one, and a
// large one does so a little with each append() before the old block is full: copying all of it at once would hold the
// worker for as long as 30 ms. The next has a block for a segment like the last. Single-threaded.
class Gather {
 public:
  // A new segment; what was handed out stays.
  void begin();
  void append(Bytes bytes);
  // What was written, of which nothing was handed out yet.
  void overwrite(std::size_t offset, Bytes bytes);
  void shrink(std::size_t size);
  std::size_t size() const { return size_; }
  // What is behind `offset`; it never changes.
  SharedBytes since(std::size_t offset) const;
  SharedBytes whole() const { return since(0); }
  // The stream may stay for minutes without a further segment.
  void release();
  // How much has been copied from block to block so far, in bytes.
  std::size_t moved() const { return moved_; }

  static constexpr std::size_t most_at_once = 256 * 1024;  // that moves, beside a few times what append() is given

 private:
  void move_on(std::size_t coming);
  void move(std::size_t most);
  void change_over(std::size_t least);

  Block block_;
  Block next_;  // the larger one, while it is being filled with what block_ has
  std::size_t size_ = 0;
  std::size_t in_next_ = 0;  // bytes that next_ has
  std::size_t moved_ = 0;
  std::size_t last_size_ = 0;  // of the last segment that held something
};

}  // namespace weir::base
