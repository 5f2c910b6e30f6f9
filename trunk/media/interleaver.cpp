#include "media/interleaver.h"

#include <algorithm>

namespace weir::media {

void Interleaver::put(FrameRef frame) {
  auto place = waiting_.end();
  while (place != waiting_.begin()) {
    const Frame& before = **std::prev(place);
    if (before.dts <= frame->dts || before.track == frame->track) break;
    --place;
  }
  waiting_.insert(place, std::move(frame));
}

FrameRef Interleaver::take() {
  if (waiting_.empty()) return nullptr;
  const Kind first = kind_of(waiting_.front()->codec);
  const bool mixed = std::any_of(waiting_.begin(), waiting_.end(),
                                 [&](const FrameRef& frame) { return kind_of(frame->codec) != first; });
  if (!mixed && waiting_.size() < largest) return nullptr;
  return flush();
}

FrameRef Interleaver::flush() {
  if (waiting_.empty()) return nullptr;
  FrameRef next = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  return next;
}

}  // namespace weir::media
