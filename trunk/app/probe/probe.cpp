#include "app/probe/probe.h"

#include <algorithm>

namespace weir::probe {

namespace {

constexpr std::size_t head_bytes = 4096;  // where a beat of packets shows, junk before it included

}  // namespace

bool Probe::input(base::Bytes in) {
  bytes_ += in.size();
  if (!ts_ && !flv_) {
    head_.append(in);
    if (head_.size() < head_bytes) return true;
    choose();
  } else {
    read(in);
  }
  return fault_.empty();
}

void Probe::finish() {
  if (!ts_ && !flv_) choose();
  if (ts_) {
    ts_->analyzer.finish();
    ts_->demuxer.finish();
    drain_ts();
    if (ts_->analyzer.packets() == 0) fault_ = "there is neither MPEG-TS nor FLV in it";
  }
  if (flv_ && fault_.empty() && !flv_->demuxer.at_boundary()) fault_ = "it ends inside a tag";
}

void Probe::choose() {
  const bool flv = base::as_text(base::Bytes(head_).first(std::min<std::size_t>(3, head_.size()))) == "FLV";
  if (flv) {
    flv_ = std::make_unique<Flv>();
  } else {
    ts_ = std::make_unique<Ts>();
  }
  const base::Buffer head = std::move(head_);
  head_ = {};
  read(head);
}

void Probe::read(base::Bytes in) {
  if (ts_) {
    ts_->analyzer.input(in);
    ts_->demuxer.input(in);
    return drain_ts();
  }
  const auto taken = flv_->demuxer.input(in);
  drain_flv();
  if (!taken) fault_ = flv_->demuxer.fault_text();
}

void Probe::drain_ts() {
  while (const auto unit = ts_->demuxer.poll()) {
    if (unit->tracks) adopt(*unit->tracks);
    tracks_[unit->frame->track].take(*unit->frame);
  }
}

void Probe::drain_flv() {
  while (const auto tag = flv_->demuxer.poll()) {
    const base::Millis time{flv_->clock.unwrap(tag->timestamp_ms)};
    (void)flv_->ingest.input(tag->type, time, tag->body, flv_->yield);  // counted there
    if (flv_->yield.tracks_changed) adopt(flv_->ingest.tracks());
    for (const media::Frame& frame : flv_->yield.frames) {
      if (media::kind_of(frame.codec) != media::Kind::data) tracks_[frame.track].take(frame);
    }
  }
}

void Probe::adopt(const media::Tracks& tracks) {
  for (const media::Track& track : tracks) {
    if (media::kind_of(track.parameters->codec) != media::Kind::data) tracks_[track.id].parameters = track.parameters;
  }
}

}  // namespace weir::probe
