#include "hub/still.h"

#include <algorithm>
#include <utility>

namespace weir::hub {

using namespace std::chrono_literals;
using base::Ticks;

namespace {

constexpr auto most_at_once = 2s;  // a worker that was held up for longer does not make up for it

}  // namespace

Ticks Still::Lane::due() const { return key ? sent * key_distance : silence->at(sent); }

media::FrameRef Still::Lane::make(Ticks at) {
  auto frame = std::make_shared<media::Frame>();
  if (key) {
    *frame = *key;  // by reference to the same payload
  } else {
    frame->payload = silence->payload;
    frame->key = true;
  }
  frame->track = track.id;
  frame->codec = track.parameters->codec;
  frame->generation = track.generation;
  frame->dts = at;
  ++sent;
  return frame;
}

void Still::set_tracks(const media::Tracks& tracks) {
  std::vector<Lane> before = std::exchange(lanes_, {});
  for (const media::Track& track : tracks) {
    const media::Kind kind = media::kind_of(track.parameters->codec);
    if (kind == media::Kind::data) continue;
    Lane lane{.track = track, .video = kind == media::Kind::video};
    if (!lane.video) lane.silence = media::silence_of(*track.parameters);
    for (Lane& old : before) {
      const bool same = old.track.id == track.id && old.track.generation == track.generation &&
                        old.track.parameters->codec == track.parameters->codec;
      if (same && lane.video) lane.key = std::move(old.key);
    }
    lanes_.push_back(std::move(lane));
  }
  std::ranges::sort(lanes_, {}, [](const Lane& lane) { return std::pair(!lane.video, lane.track.id); });
  count_memory();
}

void Still::note(const media::FrameRef& frame) {
  if (!frame->key || media::kind_of(frame->codec) != media::Kind::video) return;
  for (Lane& lane : lanes_) {
    if (lane.track.id != frame->track || lane.track.generation != frame->generation) continue;
    lane.key = frame;
    count_memory();
  }
}

void Still::forget() {
  lanes_.clear();
  stands_ = false;
  count_memory();
}

void Still::count_memory() {
  std::size_t bytes = 0;
  for (const Lane& lane : lanes_) bytes += lane.key ? lane.key->payload.size() + sizeof(media::Frame) : 0;
  account_.set(bytes);
}

bool Still::possible() const {
  const bool has_video = std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.video; });
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [&](const Lane& lane) { return lane.sends() && lane.video == has_video; });
}

void Still::begin(Ticks at, Clock::time_point now) {
  stands_ = true;
  begun_ = at;
  begun_at_ = looked_at_ = now;
  for (Lane& lane : lanes_) lane.sent = 0;
}

Ticks Still::time_at(Clock::time_point now) const {
  return begun_ + std::chrono::duration_cast<Ticks>(std::max(now - begun_at_, Clock::duration(0)));
}

void Still::go_on(Clock::time_point now, const Put& put) {
  const auto since = now - std::exchange(looked_at_, now);
  if (since > most_at_once) begun_at_ += since - most_at_once;
  const Ticks until = time_at(now) - begun_;
  for (;;) {
    Lane* next = nullptr;
    for (Lane& lane : lanes_) {
      if (lane.sends() && (!next || lane.due() < next->due())) next = &lane;
    }
    if (!next || next->due() > until) return;
    put(next->make(begun_ + next->due()));
  }
}

}  // namespace weir::hub
