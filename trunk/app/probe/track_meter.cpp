#include "app/probe/track_meter.h"

#include <algorithm>

namespace weir::probe {

namespace {

double in_seconds(base::Ticks time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void TrackMeter::take(const media::Frame& frame) {
  if (frames == 0) {
    first = last = frame.dts;
  } else if (frame.dts < last) {
    ++backwards;
  } else {
    longest_gap = std::max(longest_gap, frame.dts - last);
    last = frame.dts;
  }
  ++frames;
  bytes += frame.payload.size();
  reorders = reorders || frame.composition > base::Ticks{};
  if (frame.key) {
    if (key_frames > 0) {
      longest_group = std::max(longest_group, group_);
      longest_group_time = std::max(longest_group_time, frame.dts - group_began_);
    }
    ++key_frames;
    group_ = 0;
    group_began_ = frame.dts;
  }
  ++group_;
}

double TrackMeter::seconds() const {
  const double span = in_seconds(last - first);
  return frames > 1 ? span * static_cast<double>(frames) / static_cast<double>(frames - 1) : 0;
}
double TrackMeter::frame_rate() const { return seconds() > 0 ? static_cast<double>(frames) / seconds() : 0; }
double TrackMeter::bit_rate() const { return seconds() > 0 ? static_cast<double>(bytes) * 8 / seconds() : 0; }

}  // namespace weir::probe
