#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "base/clock.h"

namespace weir::session::hls {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// What time of day it was at a moment of a stream (EXT-X-PROGRAM-DATE-TIME, MPD@availabilityStartTime). A frame that
// the network held up says a later time than it was, so the frame that was held up least is believed: what is told then
// never lies in the future. Dates of segments follow one another as the segments do; clocks that run apart are followed
// in steps too small to see. A value; knows no clock.
class Dating {
 public:
  struct Said {
    WallTime date{};
    bool known = true;           // false: the stream comes faster than time goes by, and nothing true can be said
    bool discontinuity = false;  // the date does not follow from the one before it
  };

  // A frame of the leading track came.
  void saw(base::Ticks dts, WallTime now) {
    const base::Ticks offset = as_ticks(now) - dts;
    if (dts - bucket_begin_ > bucket_length || dts < bucket_begin_) {
      before_ = newest_;
      newest_ = nothing;
      bucket_begin_ = dts;
    }
    newest_ = std::min(newest_, offset);
  }

  struct Begin {
    bool discontinuity = false;  // of the stream: nothing that was said before counts
    bool may_jump = true;        // else a date that would be wrong is not told
  };
  // The date of a segment that begins at `at`. Some frame was seen.
  Said begin(base::Ticks at, WallTime now, Begin begin);
  bool anchored() const { return anchored_; }

  // The first segment was not told of yet: its date may still be corrected by what was seen since.
  WallTime revise(base::Ticks begin) {
    offset_ = std::min(offset_, floor());
    return date(begin);
  }
  // The times of the stream begin anew.
  void forget() {
    newest_ = before_ = nothing;
    anchored_ = false;
  }

 private:
  static constexpr base::Ticks nothing{std::numeric_limits<std::int64_t>::max()};
  static constexpr base::Ticks bucket_length = std::chrono::seconds(30);

  static base::Ticks as_ticks(WallTime time) { return base::Ticks{time.time_since_epoch().count() * 90}; }
  base::Ticks floor() const { return std::min(newest_, before_); }
  WallTime date(base::Ticks at) const { return WallTime{std::chrono::milliseconds{(at + offset_).count() / 90}}; }

  // Least offsets of wall time against stream time: of this stretch of the stream, of the one before it.
  base::Ticks newest_ = nothing, before_ = nothing, bucket_begin_{};
  base::Ticks offset_{};  // that dates are told with
  base::Ticks last_begin_{};
  WallTime last_now_{};
  bool anchored_ = false;
};

}  // namespace weir::session::hls
