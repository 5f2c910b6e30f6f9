#include "session/hls/dating.h"

namespace weir::session::hls {

using namespace std::chrono_literals;
using base::Ticks;

namespace {

constexpr Ticks most_ahead = 40ms;            // more than this in the future is corrected at once
constexpr Ticks furthest_behind = 10s;        // a clock was set, or everything comes that much later for good
constexpr int slew_back = 50, slew_on = 200;  // parts of a segment's length that its date may be moved by

}  // namespace

Dating::Said Dating::begin(Ticks at, WallTime now, Begin begin) {
  if (floor() == nothing) saw(at, now);
  const Ticks passed = as_ticks(now) - as_ticks(last_now_), gone = at - last_begin_;
  last_now_ = now;
  last_begin_ = at;
  if (!anchored_ || begin.discontinuity) {
    anchored_ = true;
    offset_ = std::min(floor(), as_ticks(now) - at);
    return {.date = date(at), .discontinuity = begin.discontinuity};
  }
  const Ticks wrong = floor() - offset_;  // below zero: what would be told lies in the future
  if (wrong >= -most_ahead && wrong <= furthest_behind) {
    offset_ += std::clamp(wrong, -gone / slew_back, gone / slew_on);
    return {.date = date(at)};
  }
  // A publisher that catches up, or sends a file as fast as it can, is not followed until it has done so.
  if (!begin.may_jump || (wrong < Ticks{} && passed < gone * 4 / 5)) return {.date = date(at), .known = false};
  offset_ = floor();
  return {.date = date(at), .discontinuity = true};
}

}  // namespace weir::session::hls
