#include <algorithm>
#include <utility>

#include "format/mp4/fragmenter.h"
#include "session/hls/dash_closed.h"
#include "session/hls/dash_output.h"

// Low-latency DASH: what is told of a segment that is made. DASH-IF IOP, "Low-latency Modes for DASH".

namespace weir::session::hls {

using base::Ticks;

// Where the segment that is made begins by its number.
Ticks DashOutput::nominal() const {
  return std::chrono::duration_cast<Ticks>(settings().fragment) * static_cast<std::int64_t>(number_) + phase_;
}

void DashOutput::open_chunked(const Begin& begin) {
  chunks_.clear();
  const Ticks aim = std::chrono::duration_cast<Ticks>(settings().fragment);
  left_out_ = false;
  // 5.3.9.5.3: within a period a segment is where its number says, but for half of its length.
  const Ticks near = begin.at - phase_ + aim / 2 - Ticks{1};
  if (period_begun_ && near / aim == static_cast<std::int64_t>(number_)) return;
  period_begun_ = false;
  // All key frames of a publisher may be far behind the multiples: its periods are, too.
  const std::int64_t cell = Segmenter::cell(begin.at, aim);
  const Ticks late = begin.at - aim * cell;
  left_out_ = cell < 0;
  number_ = static_cast<std::uint64_t>(std::max<std::int64_t>(cell, 0));
  phase_ = late > aim / 2 ? late : Ticks{};
}

void DashOutput::on_part(CutPart part) {
  if (!chunked() || left_out_) return;
  if (!period_begun_) {
    const Ticks late = open_.at - nominal();
    begin_period(open_.at - late, open_.date - std::chrono::duration_cast<std::chrono::milliseconds>(late));
  }
  const std::vector<Lane>& lanes = window_.periods.back().lanes;
  chunks_.resize(lanes.size());
  for (Piece& piece : part.pieces) {
    const auto lane =
        std::find_if(lanes.begin(), lanes.end(), [&piece](const Lane& one) { return one.track.id == piece.track; });
    if (lane != lanes.end()) chunks_[static_cast<std::size_t>(lane - lanes.begin())].push_back(std::move(piece.bytes));
  }
  if (told_) tell_growth();
}

void DashOutput::tell_growth() {
  auto listing = std::make_shared<Listing>(*told_);
  listing->closed = closed_;
  const Period& period = window_.periods.back();
  chunks_.resize(period.lanes.size());
  listing->growing.clear();
  for (std::size_t i = 0; i < period.lanes.size(); ++i) {
    listing->growing.push_back(
        {.place = outlet_.place_of(path_of(period.lanes[i], period.id, number_)), .chunks = chunks_[i]});
  }
  pending_.place = place_;
  pending_.listing = std::move(listing);
  outlet_.broadcast(std::make_shared<const Update>(std::exchange(pending_, {})));
}

// A track that had nothing to say has a segment all the same: its number promises one.
void DashOutput::fill(const CutSegment& segment, Segment& kept) {
  Period& period = window_.periods.back();
  period.next_number = number_ + 1;
  for (std::size_t i = 0; i < period.lanes.size(); ++i) {
    const Lane& lane = period.lanes[i];
    const auto of_lane = [i](const Entry& one) { return one.lane == i; };
    if (std::any_of(kept.entries.begin(), kept.entries.end(), of_lane)) continue;
    const auto scaled = [&lane](Ticks at) {
      return static_cast<std::uint64_t>(std::max(at, Ticks{}).count()) * lane.timescale / 90'000;
    };
    Piece nothing{.track = lane.track.id,
                  .bytes = mp4::Fragmenter({lane.track}).nothing(segment.begin, true),
                  .start = scaled(segment.begin)};
    if (!window_.segments.empty() && window_.segments.back().period == period.id) {
      const auto& before = window_.segments.back().entries;
      const auto like = std::find_if(before.begin(), before.end(), of_lane);
      if (like != before.end()) nothing.start = like->time.start + like->time.duration;
    }
    nothing.duration = std::max(scaled(segment.begin + segment.duration), nothing.start + 1) - nothing.start;
    kept.held += nothing.bytes.size();
    add_entry(kept, nothing);
  }
}

// Which periods get no more segments, whoever asks for them.
void DashOutput::tell_closed(bool live) {
  auto closed = std::make_shared<std::vector<Closed>>();
  const Ticks aim = std::chrono::duration_cast<Ticks>(settings().fragment);
  for (const Period& period : window_.periods) {
    if (live && period_begun_ && period.id == window_.periods.back().id) continue;
    const Ticks begin = period.start + aim * static_cast<std::int64_t>(period.next_number - period.first_number);
    for (const Lane& lane : period.lanes) {
      closed->push_back({.stem = outlet_.place_of(stem_of(lane, period.id)),
                         .track = lane.track,
                         .first = period.next_number,
                         .fragment = aim,
                         .begin = window_.availability + std::chrono::duration_cast<std::chrono::milliseconds>(begin)});
    }
  }
  closed_ = std::move(closed);
}

}  // namespace weir::session::hls
