#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace weir::session::hls {

// The bytes of a segment as they come, in one block: its parts and the whole of it are slices, so that nothing is
// copied when one of them ends, however large it is. A segment that outgrows its block moves to a larger one; the next
// has a block for a segment like the last. Lives on the stream's home worker.
class Gather {
 public:
  // A new segment; what was handed out stays.
  void begin();
  void append(base::Bytes bytes);
  std::size_t size() const { return size_; }
  // What is behind `offset`; it never changes.
  base::SharedBytes since(std::size_t offset) const;
  base::SharedBytes whole() const { return since(0); }
  // The stream may stay for minutes without a further segment.
  void release();

 private:
  void grow(std::size_t least);

  base::Block block_;
  std::size_t size_ = 0;
  std::size_t last_size_ = 0;  // of the last segment that held something
};

}  // namespace weir::session::hls
