#include <algorithm>
#include <utility>

#include "session/hls/dash_output.h"

// Low-latency DASH: what is told of a segment that is made. DASH-IF IOP, "Low-latency Modes for DASH".

namespace weir::session::hls {

using base::Ticks;

// Where the segment that is made begins by its number.
Ticks DashOutput::nominal() const {
  return std::chrono::duration_cast<Ticks>(settings().fragment) * static_cast<std::int64_t>(number_);
}

void DashOutput::open_chunked(const Begin& begin) {
  chunks_.clear();
  const Ticks aim = std::chrono::duration_cast<Ticks>(settings().fragment);
  const std::int64_t cell = Segmenter::cell(begin.at, aim);
  const auto number = static_cast<std::uint64_t>(std::max<std::int64_t>(cell, 0));
  // 5.3.9.5.3: as players take it to be, but for half of its length.
  left_out_ = cell < 0 || begin.at - aim * cell > aim / 2;
  if (period_begun_ && (left_out_ || number != number_)) period_begun_ = false;
  number_ = number;
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

}  // namespace weir::session::hls
