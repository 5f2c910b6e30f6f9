#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace weir::session::webrtc {

// When a publisher of video is asked for a key frame (PLI): while frames cannot be decoded without one, when readers
// want one, and after `period` without any. At most one in 500 ms, then less often while none comes, since some
// encoders never answer; one that answered before is asked each second. Sans-io; one for each media line.
class KeyAsker {
 public:
  static constexpr std::chrono::milliseconds least{500}, most{4000}, patience{100}, answer{1000};

  // `period` zero: only when there is a need.
  explicit KeyAsker(std::chrono::milliseconds period) : period_(period) {}

  // The first packet came: what begins with a key frame needs no question.
  void begin(base::Instant now) { not_before_ = std::max(not_before_, now + patience); }
  void want() { wanted_ = true; }
  void got_key(base::Instant now) {
    wanted_ = false;
    any_key_ = true;
    last_key_ = now;
    pause_ = least;
    if (asked_ == 0) return;
    not_before_ = last_asked_ + least;
    answers_ = answers_ || now - last_asked_ < answer;
  }
  // Whether to ask now; `needs_key`: what comes cannot be decoded.
  bool due(bool needs_key, base::Instant now) {
    if (now < not_before_ || !(needs_key || wanted_ || overdue(now))) return false;
    last_asked_ = now;
    ++asked_;
    not_before_ = now + pause_;
    pause_ = std::min(pause_ * 2, answers_ ? answer : most);
    return true;
  }
  std::uint64_t asked() const { return asked_; }

 private:
  bool overdue(base::Instant now) const { return period_.count() > 0 && any_key_ && now - last_key_ >= period_; }

  // given
  std::chrono::milliseconds period_;

  // state
  bool wanted_ = false, any_key_ = false, answers_ = false;
  base::Instant not_before_{}, last_asked_{}, last_key_{};
  std::chrono::milliseconds pause_ = least;
  std::uint64_t asked_ = 0;
};

}  // namespace weir::session::webrtc
