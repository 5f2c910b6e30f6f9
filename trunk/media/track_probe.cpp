#include "media/track_probe.h"

#include <algorithm>
#include <utility>

namespace weir::media {

namespace {

Kind kind(const Track& track) { return kind_of(track.parameters->codec); }

bool equal(const Tracks& a, const Tracks& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Track& x, const Track& y) {
    return x.id == y.id && x.generation == y.generation && x.parameters == y.parameters;
  });
}

}  // namespace

void TrackProbe::set_tracks(Tracks announced) {
  announced_ = std::move(announced);
  rebuild();
}

bool TrackProbe::replaces(const Tracks& announced) const {
  return std::any_of(announced_.begin(), announced_.end(), [&](const Track& before) {
    const auto now =
        std::find_if(announced.begin(), announced.end(), [&](const Track& t) { return t.id == before.id; });
    return kind(before) != Kind::data && seen(before.id).held &&
           (now == announced.end() || now->generation != before.generation);
  });
}

void TrackProbe::rebuild() {
  Tracks now;
  for (const Track& track : announced_) {
    if (kind(track) == Kind::data || seen(track.id).frame) now.push_back(track);
  }
  if (equal(now, tracks_)) return;
  tracks_ = std::move(now);
  changed_ = true;
}

// Nothing more is to be waited for.
bool TrackProbe::complete() const {
  bool video = false, audio = false;
  for (const Track& track : announced_) {
    if (kind(track) == Kind::data) continue;
    if (!seen(track.id).held) return false;
    (kind(track) == Kind::video ? video : audio) = true;
  }
  return (video || !expected_.video) && (audio || !expected_.audio);
}

void TrackProbe::put(FrameRef frame) {
  if (kind_of(frame->codec) != Kind::data) {
    seen(frame->track).held = true;
    if (!open_) {
      if (!any_) first_ = frame->dts;
      any_ = true;
      const base::Ticks waited = frame->dts >= first_ ? frame->dts - first_ : first_ - frame->dts;
      open_ = waited >= options_.wait || bytes_ > options_.most_bytes || queue_.size() >= options_.most_frames ||
              complete();
    }
  } else if (queue_.size() >= options_.most_frames) {
    open_ = true;
  }
  bytes_ += frame->payload.size();
  queue_.push_back(std::move(frame));
}

bool TrackProbe::poll(Step& step) {
  step.frame.reset();
  step.tracks_changed = false;
  if (!open_) return false;
  if (next_ == 0 && !queue_.empty()) {
    // The stream begins with all that have come by now, so that nothing of them is cut.
    bool news = false;
    for (const FrameRef& frame : queue_) {
      news = news || !seen(frame->track).frame;
      seen(frame->track).frame = true;
    }
    if (news) rebuild();
  }
  step.tracks_changed = std::exchange(changed_, false);
  if (next_ < queue_.size()) {
    step.frame = std::move(queue_[next_++]);
    if (next_ == queue_.size()) {
      queue_.clear();
      next_ = 0;
      bytes_ = 0;
    }
  }
  return step.tracks_changed || step.frame;
}

Tracks TrackProbe::silent() const {
  Tracks out;
  for (const Track& track : announced_) {
    if (kind(track) != Kind::data && !seen(track.id).held) out.push_back(track);
  }
  return out;
}

}  // namespace weir::media
