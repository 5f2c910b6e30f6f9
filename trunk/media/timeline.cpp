#include "media/timeline.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace weir::media {

using base::Ticks;

namespace {

constexpr unsigned most_passed = 500;              // frames of other tracks while one is held
constexpr unsigned evenly_behind = 5;              // so many in a row are a clock that was set back
constexpr Ticks least_behind = base::Millis(150);  // and by more than frames are ever out of order

}  // namespace

void Timeline::put(Frame frame, std::vector<Frame>& out) {
  if (frame.composition > options_.composition || frame.composition < -options_.composition) {
    frame.composition = {};
    ++bad_compositions_;
  }
  if (options_.repair != Repair::full) {
    if (!started_ && options_.repair == Repair::origin) clocks_[0] = options_.begin - frame.dts;
    const Ticks placed = frame.dts + clocks_[0];
    newest_ = started_ ? std::max(newest_, placed) : placed;
    started_ = true;
    frame.dts = std::max(placed, Ticks::zero());
    out.push_back(std::move(frame));
    return;
  }
  if (kind_of(frame.codec) == Kind::data && started_) return emit_data(std::move(frame), out);

  Lane& lane = lane_of(frame.track);
  if (!lane.started) {
    begin(lane, frame.dts);
    const Ticks asked = frame.dts + lane.shift;
    return emit(lane, std::move(frame), asked, out);
  }
  if (held_) judge(frame, out);
  Ticks own = frame.dts + lane.shift;
  if (!plausible(lane, own)) {
    if (const auto shift = known_shift(lane, frame.dts)) {
      lane.shift = *shift;
      own = frame.dts + *shift;
    } else {
      if (held_) correct(Ticks::min(), out);  // of another track, and this one does not bear it out
      held_ = Held{.frame = std::move(frame), .newest = newest_};
      return;
    }
  }
  emit(lane, std::move(frame), own, out);
  if (!held_) return;
  // Others have come to where it is; or they went on for so long that no second witness will come.
  const Lane& waiting = lane_of(held_->frame.track);
  const bool reached = plausible(waiting, held_->frame.dts + waiting.shift);
  if (reached || ++held_->passed > most_passed || newest_ - held_->newest > options_.patience) believe(out);
}

void Timeline::flush(std::vector<Frame>& out) {
  if (held_) correct(Ticks::min(), out);
}

void Timeline::set_tracks(const Tracks& tracks) {
  const auto decodes = [this](const Track& track) {
    return track.id == held_->frame.track && track.generation == held_->frame.generation;
  };
  if (held_ && std::none_of(tracks.begin(), tracks.end(), decodes)) held_.reset();
}

Timeline::Lane& Timeline::lane_of(TrackId track) {
  const auto index = static_cast<std::size_t>(track);
  assert(index < lane_count && "an ingest gives out few tracks");
  return lanes_[index];
}

// A track that comes counts as the others do, or from somewhere else: then it begins where they are.
void Timeline::begin(Lane& lane, Ticks dts) {
  lane.started = true;
  if (!started_) {
    lane.shift = options_.begin - dts;
    lane.last = options_.begin - Ticks(1);
    return add_clock(lane.shift);
  }
  const auto near = [&](Ticks clock) {
    const Ticks distance = dts + clock - newest_;
    return distance >= -options_.forward && distance <= options_.forward;
  };
  lane.shift = newest_ - dts;
  for (std::size_t i = clocks_known_; i-- > 0;) {
    if (!near(clocks_[i])) continue;
    lane.shift = clocks_[i];
    break;
  }
  const bool elsewhere = lane.shift == newest_ - dts;
  if (elsewhere && !near(clocks_[clocks_known_ - 1])) {
    lane.offset = lane.shift - clocks_[clocks_known_ - 1];
    ++jumps_;
  }
  lane.last = std::max(dts + lane.shift, Ticks::zero()) - Ticks(1);
}

Ticks Timeline::step_of(const Lane& lane) const { return lane.step > Ticks(1) ? lane.step : options_.step; }

Ticks Timeline::reach(const Lane& lane) const {
  return lane.step == Ticks{} ? options_.forward : std::max(options_.doubt, 4 * lane.step);
}

// Neither far back nor far ahead of where this track was and how far the others have come since.
bool Timeline::plausible(const Lane& lane, Ticks own) const {
  return own >= lane.last - options_.backward && own <= lane.last + (newest_ - lane.seen) + reach(lane);
}

// The clock that another track has moved to already, or that this one had before, if the time fits there: the one where
// it fits best.
std::optional<Ticks> Timeline::known_shift(const Lane& lane, Ticks dts) const {
  std::optional<Ticks> best;
  const auto error = [&](Ticks shift) { return std::chrono::abs(dts + shift - (lane.last + step_of(lane))); };
  for (std::size_t i = clocks_known_; i-- > 0;) {
    const Ticks shift = lane.offset + clocks_[i], at = dts + shift;
    const bool near = at >= newest_ - options_.patience && at <= newest_ + options_.patience;
    if (!near || at < lane.last - options_.backward || shift == lane.shift) continue;
    if (!best || error(shift) < error(*best)) best = shift;
  }
  return best;
}

void Timeline::add_clock(Ticks clock) {
  if (clocks_known_ == clock_count) {
    std::rotate(clocks_.begin(), clocks_.begin() + 1, clocks_.end());
    --clocks_known_;
  }
  clocks_[clocks_known_++] = clock;
}

// What the frame that came next says of the one that is held.
void Timeline::judge(const Frame& next, std::vector<Frame>& out) {
  const Lane& lane = lane_of(next.track);
  std::optional<Ticks> at = next.dts + lane.shift;
  if (!plausible(lane, *at)) {
    at.reset();
    if (const auto shift = known_shift(lane, next.dts)) at = next.dts + *shift;
  }
  if (next.track == held_->frame.track) {
    if (at) return correct(*at, out);
    return confirms(next) ? believe(out) : correct(Ticks::min(), out);
  }
  if (!at && confirms(next)) believe(out);
}

// Whether the next frame, which is out of place too, is so by as much.
bool Timeline::confirms(const Frame& next) const {
  const Lane& held = lanes_[static_cast<std::size_t>(held_->frame.track)];
  const Lane& lane = lanes_[static_cast<std::size_t>(next.track)];
  const Ticks apart = (next.dts + lane.shift) - (held_->frame.dts + held.shift);
  const Ticks usual = lane.last - held.last;
  const Ticks slack = std::max(reach(lane), options_.backward);
  return apart >= usual - slack && apart <= usual + slack;
}

// It was right: a gap of all tracks, or a jump of the publisher.
void Timeline::believe(std::vector<Frame>& out) {
  Held held = *std::exchange(held_, std::nullopt);
  Lane& lane = lane_of(held.frame.track);
  Ticks at = held.frame.dts + lane.shift;
  if (at < lane.last - options_.backward || at > std::max(lane.last, newest_) + options_.forward) {
    at = std::max(lane.last, held.newest) + step_of(lane);
    lane.shift = at - held.frame.dts;
    add_clock(lane.shift - lane.offset);
    ++jumps_;
  }
  emit(lane, std::move(held.frame), at, out);
}

// It was stamped wrong, alone: it stands between its neighbours. `next` is where the following one will be, if known.
void Timeline::correct(Ticks next, std::vector<Frame>& out) {
  Held held = *std::exchange(held_, std::nullopt);
  Lane& lane = lane_of(held.frame.track);
  ++strays_;
  const Ticks at = next > lane.last ? lane.last + (next - lane.last) / 2 : lane.last + step_of(lane);
  emit(lane, std::move(held.frame), at, out);
}

// A clock that was set back by less than a jump, and goes on evenly from there: held in order, frame after frame, the
// track would stand still. Takes it for a jump of the publisher.
void Timeline::keep_up(Lane& lane, Ticks dts) {
  const Ticks own = dts + lane.shift;
  if (own >= lane.last) {
    lane.behind = 0;
    return;
  }
  lane.behind = lane.behind == 0 || dts > lane.behind_raw ? lane.behind + 1 : 1;
  lane.behind_raw = dts;
  if (lane.behind < evenly_behind || lane.last - own < least_behind) return;
  lane.behind = 0;
  if (const auto shift = known_shift(lane, dts); shift && dts + *shift > own) {
    lane.shift = *shift;
    return;
  }
  lane.shift = lane.last + step_of(lane) - dts;
  add_clock(lane.shift - lane.offset);
  ++jumps_;
}

void Timeline::emit(Lane& lane, Frame frame, Ticks asked, std::vector<Frame>& out) {
  if (asked == frame.dts + lane.shift) {
    keep_up(lane, frame.dts);
    asked = frame.dts + lane.shift;
  }
  Ticks placed = std::max(asked, Ticks::zero());
  if (placed <= lane.last) {
    if (placed < lane.last) ++nudges_;
    placed = lane.last + Ticks(1);  // 11 us: milliseconds do not show it, and the order is kept
  }
  // A frame that was held in order keeps its moment of showing as far as decoding allows.
  if (placed > asked && frame.composition > Ticks::zero()) {
    frame.composition = std::max(Ticks::zero(), asked + frame.composition - placed);
  }
  const Ticks distance = placed - lane.last;
  if (lane.step == Ticks{}) {
    if (distance > Ticks(1)) lane.step = distance;
  } else {
    lane.step += (std::min(distance, 4 * lane.step) - lane.step) / 4;
    lane.step = std::max(lane.step, Ticks(2));
  }
  lane.last = placed;
  newest_ = started_ ? std::max(newest_, placed) : placed;
  lane.seen = newest_;
  started_ = true;
  frame.dts = placed;
  out.push_back(std::move(frame));
}

// Messages are rare and need no rhythm: where their time means nothing they belong to now.
void Timeline::emit_data(Frame frame, std::vector<Frame>& out) {
  Lane& lane = lane_of(frame.track);
  Ticks at = frame.dts + clocks_[clocks_known_ - 1];
  if (at < newest_ - options_.backward || at > newest_ + options_.forward) at = newest_;
  if (lane.started) at = std::max(at, lane.last + Ticks(1));
  lane.started = true;
  lane.last = frame.dts = std::max(at, Ticks::zero());
  out.push_back(std::move(frame));
}

}  // namespace weir::media
