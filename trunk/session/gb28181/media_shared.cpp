#include "session/gb28181/media_shared.h"

#include <iterator>

namespace weir::session::gb28181 {

base::Result<PlaceHome> PlaceTable::enter(const base::StreamKey& key, base::WorkerIndex worker) {
  const std::lock_guard lock(mutex_);
  if (streams_.contains(key)) return MediaErrc::stream_taken;
  if (streams_.size() >= most) return MediaErrc::too_many;
  const PlaceHome home{worker, PlaceNumber{++numbers_}};
  streams_.emplace(key, home.number);
  return home;
}

void PlaceTable::leave(const base::StreamKey& key, PlaceNumber number) {
  const std::lock_guard lock(mutex_);
  if (const auto found = streams_.find(key); found != streams_.end() && found->second == number) streams_.erase(found);
  std::erase_if(ssrcs_, [number](const auto& entry) { return entry.second.number == number; });
  std::erase_if(addresses_, [number](const auto& entry) { return entry.second.number == number; });
}

base::Result<void> PlaceTable::claim(std::uint32_t ssrc, const PlaceHome& home) {
  const std::lock_guard lock(mutex_);
  const auto [place, fresh] = ssrcs_.try_emplace(ssrc, home);
  if (!fresh && place->second.number != home.number) return MediaErrc::ssrc_taken;
  return {};
}

std::optional<PlaceHome> PlaceTable::by_ssrc(std::uint32_t ssrc) const {
  const std::lock_guard lock(mutex_);
  const auto found = ssrcs_.find(ssrc);
  return found == ssrcs_.end() ? std::nullopt : std::optional(found->second);
}

void PlaceTable::expect_from(const std::string& address, const PlaceHome& home) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = addresses_.equal_range(address);
  for (auto at = begin; at != end; ++at) {
    if (at->second.number == home.number) return;
  }
  addresses_.emplace(address, home);
}

std::optional<PlaceHome> PlaceTable::by_address(const std::string& address) const {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = addresses_.equal_range(address);
  if (begin == end || std::next(begin) != end) return std::nullopt;
  return begin->second;
}

std::size_t PlaceTable::size() const {
  const std::lock_guard lock(mutex_);
  return streams_.size();
}

}  // namespace weir::session::gb28181
