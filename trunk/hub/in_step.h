#pragma once

#include <algorithm>
#include <deque>
#include <utility>

#include "media/frame.h"

namespace weir::hub {

// Keeps frames back until the derived sound, which is made a little later than it was heard, has come as far: for
// outputs that want all tracks in the order of time. Never waits longer than a moment: where no sound comes, pictures
// go on.
class InStep {
 public:
  // `use(frame, entry)` for what leaves: this one, earlier ones, none.
  template <class F>
  void put(media::FrameRef frame, bool entry, bool derived, F use) {
    if (derived) {
      reached_ = std::max(reached_, frame->dts);
      coming_ = true;
      while (!held_.empty() && held_.front().first->dts <= frame->dts) leave(use);
      use(frame, entry);
      return;
    }
    newest_ = std::max(newest_, frame->dts);
    held_.emplace_back(std::move(frame), entry);
    while (!held_.empty() && (!coming_ || held_.front().first->dts <= reached_ || overdue())) leave(use);
  }
  template <class F>
  void flush(F use) {
    while (!held_.empty()) leave(use);
    coming_ = false;
  }

 private:
  static constexpr base::Ticks longest = std::chrono::milliseconds(400);
  static constexpr std::size_t most = 128;

  bool overdue() {
    if (held_.size() <= most && newest_ - held_.front().first->dts <= longest) return false;
    coming_ = false;
    return true;
  }
  template <class F>
  void leave(F& use) {
    const auto [frame, entry] = std::move(held_.front());
    held_.pop_front();
    use(frame, entry);
  }

  std::deque<std::pair<media::FrameRef, bool>> held_;
  base::Ticks reached_{}, newest_{};
  bool coming_ = false;  // derived sound
};

}  // namespace weir::hub
