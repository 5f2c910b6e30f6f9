#include <algorithm>

#include "session/hls/hls_output.h"

// A window may be of a day, and its playlist is told anew with each segment: what of that does not change is kept as
// text in blocks, and what is asked of all segments as sums, so that a segment costs the same however many there are.

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;
using base::Ticks;

namespace {

constexpr int parts_kept = 3;                // target durations, as format/hls lists them
constexpr int settled_after = 9;             // likewise; a delta update goes six of them back
constexpr std::size_t most_unsettled = 128;  // segments

void move_lines(std::shared_ptr<const std::string>& from, Lines& to, std::uint32_t& bytes) {
  if (!from) return;
  to.append(*from);
  bytes = static_cast<std::uint32_t>(from->size());
  from.reset();
}

}  // namespace

// Once, for what another publisher left.
void HlsOutput::rebuild() {
  for (Lines* lines :
       {&window_.settled.lines, &window_.settled.own, &window_.settled.pictures, &window_.settled.pictures_own}) {
    lines->seal();
  }
  if (window_.settled.has_own != has_own()) unsettle();
  for (const Kept& kept : window_.segments) {
    sums_.add(kept);
    keep_ranges(kept);
  }
}

void HlsOutput::keep_ranges(const Kept& kept) {
  range_bytes_ += range_bytes(kept.told.ranges);
  for (const m3u8::DateRange& range : kept.told.ranges) {
    ranges_.emplace_back(kept.number, range);
    ++range_ids_[range.id];
  }
}

// The lines are made again.
void HlsOutput::unsettle() {
  window_.settled = {};
  for (Kept& kept : window_.segments) {
    kept.lines = kept.lines_own = kept.picture_lines = kept.picture_lines_own = nullptr;
    kept.lines_bytes = kept.own_bytes = kept.pictures_bytes = kept.pictures_own_bytes = 0;
  }
}

void HlsOutput::settle() {
  Settled& settled = window_.settled;
  settled.has_own = has_own();
  std::deque<Kept>& all = window_.segments;
  const std::size_t first = settled.segments == 0 ? 0 : settled.segments + 1;
  std::size_t old = first;  // segments before it are old enough
  Ticks behind{};
  for (std::size_t i = all.size(); i-- > first;) {
    Kept& kept = all[i];
    if (behind > window_.target * (parts_kept + 1)) {
      for (const ItemRef& part : kept.parts) pending_.removed.push_back(part->place);
      kept.parts.clear();
      kept.told.parts.clear();
      if (!kept.lines) write_lines(kept, i == 0 ? nullptr : &all[i - 1].told);
    }
    if (old == first && behind > window_.target * settled_after) old = i + 1;
    behind += kept.told.duration;
  }
  if (all.size() - first <= most_unsettled) return;
  for (std::size_t i = settled.segments + 1; i < old; ++i) {
    Kept& kept = all[i];
    if (!is_sound() && !kept.picture_lines) write_picture_lines(kept, &all[i - 1]);
    move_lines(kept.lines, settled.lines, kept.lines_bytes);
    move_lines(kept.lines_own, settled.own, kept.own_bytes);
    move_lines(kept.picture_lines, settled.pictures, kept.pictures_bytes);
    move_lines(kept.picture_lines_own, settled.pictures_own, kept.pictures_own_bytes);
    ++settled.segments;
  }
}

// 4.4.5.2: who updates what he has is told which ranges are no more. An id may stand for two: a break and its end.
void HlsOutput::forget_ranges(const Kept& gone) {
  range_bytes_ -= range_bytes(gone.told.ranges);
  const Ticks boundary = m3u8::skip_boundary_of(m3u8::target_duration_of(window_.target));
  while (!removed_.empty() && told_time_ - removed_.front().first > boundary) removed_.pop_front();
  while (!ranges_.empty() && ranges_.front().first <= gone.number) {
    const auto id = range_ids_.find(ranges_.front().second.id);
    removed_.emplace_back(told_time_, id->first);
    if (--id->second == 0) range_ids_.erase(id);
    ranges_.pop_front();
  }
}

std::vector<std::string> HlsOutput::removed_ranges() const {
  const Ticks boundary = m3u8::skip_boundary_of(m3u8::target_duration_of(window_.target));
  std::vector<std::string> ids;
  for (const auto& gone : removed_) {
    const std::string& id = gone.second;
    const bool again = range_ids_.contains(id) || std::any_of(open_ranges_.begin(), open_ranges_.end(),
                                                              [&](const auto& range) { return range.id == id; });
    if (!again && told_time_ - gone.first <= boundary && std::find(ids.begin(), ids.end(), id) == ids.end()) {
      ids.push_back(id);
    }
  }
  return ids;
}

}  // namespace weir::session::hls
