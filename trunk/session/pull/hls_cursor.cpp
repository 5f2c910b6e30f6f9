#include "session/pull/hls_cursor.h"

#include <algorithm>

namespace weir::session::pull {

namespace {

constexpr int target_durations_from_end = 3;

}  // namespace

std::size_t HlsCursor::begin_of_live() const {
  const base::Ticks distance = std::chrono::seconds(playlist_.target_duration) * target_durations_from_end;
  base::Ticks behind{};
  std::size_t at = playlist_.segments.size();
  while (at > 0 && behind < distance) behind += playlist_.segments[--at].duration;
  return at;
}

void HlsCursor::loaded(hls::MediaPlaylist playlist) {
  playlist_ = std::move(playlist);
  const std::uint64_t first = playlist_.media_sequence, end = first + playlist_.segments.size();
  if (!sequence_) {
    given_ = playlist_.ended ? 0 : begin_of_live();
    sequence_ = first + given_;
    return;
  }
  idle_loads_ = end > *sequence_ ? 0 : idle_loads_ + 1;
  if (*sequence_ < first) {
    missed_ += first - *sequence_;
    broken_ = true;
    given_ = 0;
  } else if (*sequence_ > end) {
    // Numbered anew: the server began again.
    broken_ = true;
    idle_loads_ = 0;
    given_ = playlist_.ended ? 0 : begin_of_live();
  } else {
    given_ = static_cast<std::size_t>(*sequence_ - first);
  }
  sequence_ = first + given_;
}

std::optional<HlsCursor::Next> HlsCursor::next() {
  while (given_ < playlist_.segments.size()) {
    Next next{.segment = playlist_.segments[given_], .sequence = playlist_.media_sequence + given_};
    ++given_;
    sequence_ = next.sequence + 1;
    if (next.segment.gap) {
      lost();
      continue;
    }
    next.discontinuity = begun_ && (next.segment.discontinuity || broken_);
    begun_ = true;
    broken_ = false;
    return next;
  }
  return std::nullopt;
}

void HlsCursor::begin_again() {
  given_ = 0;
  sequence_ = playlist_.media_sequence;
  broken_ = true;
}

// 6.3.4: after a target duration, and after half of one when nothing had changed.
std::chrono::milliseconds HlsCursor::reload_in() const {
  const std::chrono::milliseconds whole = std::chrono::seconds(playlist_.target_duration);
  return idle_loads_ > 0 ? whole / 2 : whole;
}

}  // namespace weir::session::pull
