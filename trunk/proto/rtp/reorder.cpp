#include "proto/rtp/reorder.h"

namespace weir::rtp {

using base::Instant;
using std::chrono::milliseconds;

void Reorder::input(const Packet& packet, base::SharedBytes bytes, Instant now) {
  const std::int64_t number = unwrap_(packet.sequence);
  if (next_ && number < *next_) {
    ++late_;
    return;
  }
  if (!next_) next_ = number;
  const auto [place, fresh] = held_.try_emplace(number, Ordered{packet, std::move(bytes), false, now});
  if (!fresh) ++duplicates_;
}

bool Reorder::take_at_once(std::uint16_t sequence) {
  if (!held_.empty()) return false;
  const std::int64_t number = unwrap_.any() ? unwrap_.peek(sequence) : std::int64_t{sequence};
  if (next_ && number != *next_) return false;
  next_ = unwrap_(sequence) + 1;
  return true;
}

std::optional<Instant> Reorder::deadline(milliseconds wait) const {
  if (held_.empty() || held_.begin()->first == next_) return std::nullopt;
  return held_.begin()->second.arrived + wait;
}

std::optional<Reorder::Ordered> Reorder::next(Instant now, milliseconds wait) {
  if (held_.empty()) return std::nullopt;
  const auto first = held_.begin();
  const bool gap = first->first != *next_;
  if (gap && held_.size() <= most_held && now < first->second.arrived + wait) return std::nullopt;
  Ordered out = std::move(first->second);
  out.after_gap = gap;
  if (gap) lost_ += static_cast<std::uint64_t>(first->first - *next_);
  next_ = first->first + 1;
  held_.erase(first);
  return out;
}

}  // namespace weir::rtp
