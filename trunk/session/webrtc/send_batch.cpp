#include "session/webrtc/send_batch.h"

#include <cassert>

namespace weir::session::webrtc {

base::MutableBytes SendBatch::room(Owner& owner, std::size_t size) {
  assert(size <= capacity && "a packet is no larger than what UDP carries");
  if (bytes_.empty()) bytes_.resize(capacity);
  if ((owner_ && owner_ != &owner) || used_ + size > capacity) flush();
  owner_ = &owner;
  return {bytes_.data() + used_, size};
}

void SendBatch::put(std::size_t size) {
  if (runs_.empty() || runs_.back().closed || size > runs_.back().segment) {
    runs_.push_back({used_, size, size, false});
  } else {
    runs_.back().size += size;
    runs_.back().closed = size < runs_.back().segment;
  }
  used_ += size;
}

void SendBatch::flush() {
  if (owner_) {
    for (const Run& run : runs_) owner_->leave(base::Bytes(bytes_).subspan(run.at, run.size), run.segment);
  }
  runs_.clear();
  used_ = 0;
  owner_ = nullptr;
}

void SendBatch::forget(const Owner& owner) {
  if (owner_ != &owner) return;
  runs_.clear();
  used_ = 0;
  owner_ = nullptr;
}

}  // namespace weir::session::webrtc
