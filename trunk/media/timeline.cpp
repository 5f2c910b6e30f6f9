#include "media/timeline.h"

#include <algorithm>
#include <cassert>

namespace weir::media {

using base::Ticks;

Timeline::Placed Timeline::place(TrackId track, Ticks dts, Ticks composition) {
  const auto index = static_cast<std::size_t>(track);
  assert(index < lane_count && "an ingest gives out few tracks");
  Lane& lane = lanes_[index];
  if (composition > options_.composition || composition < -options_.composition) {
    composition = {};
    ++bad_compositions_;
  }

  if (options_.repair != Repair::full) {
    if (!started_ && options_.repair == Repair::origin) shift_ = options_.begin - dts;
    newest_ = started_ ? std::max(newest_, dts + shift_) : dts + shift_;
    started_ = true;
    return {std::max(dts + shift_, Ticks::zero()), composition};
  }

  const Ticks asked = shifted(lane, dts);
  Ticks placed = std::max(asked, Ticks::zero());
  if (lane.started && placed <= lane.last) {
    if (placed < lane.last) ++nudges_;
    placed = lane.last + Ticks(1);  // 11 us: milliseconds do not show it, and the order is kept
  }
  // A frame that was held keeps its moment of showing as far as decoding allows.
  if (placed > asked && composition > Ticks::zero())
    composition = std::max(Ticks::zero(), asked + composition - placed);

  if (lane.started) lane.step = placed - lane.last;
  lane.started = true;
  lane.last = placed;
  newest_ = started_ ? std::max(newest_, placed) : placed;
  started_ = true;
  return {placed, composition};
}

// The time with the shift that keeps it in one piece with what came before. A track that has jumped first tries the
// clock that another track has jumped to already: so they stay together.
Ticks Timeline::shifted(Lane& lane, Ticks dts) {
  if (!started_) {
    shift_ = lane.shift = options_.begin - dts;
    return options_.begin;
  }
  if (lane.started) {
    const Ticks own = dts + lane.shift;
    const Ticks distance = own - lane.last;
    const bool continues = distance >= -options_.backward && distance <= options_.forward;
    if (continues || near_newest(own)) return own;
  }
  if (!near_newest(dts + shift_)) {
    const bool known = lane.step > Ticks(1) && lane.step < 10 * options_.step;
    const Ticks step = known ? lane.step : options_.step;
    shift_ = newest_ + step - dts;
    ++jumps_;
  }
  lane.shift = shift_;
  return dts + shift_;
}

bool Timeline::near_newest(Ticks time) const {
  const Ticks distance = time - newest_;
  return distance >= -options_.backward && distance <= options_.forward;
}

}  // namespace weir::media
