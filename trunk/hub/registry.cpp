#include "hub/registry.h"

#include "hub/error.h"

namespace weir::hub {

void RateMeter::sample(std::uint64_t bytes) {
  ring_[next_] = bytes;
  next_ = static_cast<std::uint8_t>((next_ + 1) % ring_.size());
  if (filled_ < ring_.size()) ++filled_;
}

std::uint32_t RateMeter::kbps_30s() const {
  if (filled_ < ring_.size()) return 0;
  const std::uint64_t newest = ring_[(next_ + ring_.size() - 1) % ring_.size()];
  const std::uint64_t oldest = ring_[next_];
  return static_cast<std::uint32_t>((newest - oldest) * 8 / 30 / 1000);
}

base::Result<Registry::Ticket> Registry::enter(Record record) {
  const auto [place, is_new] = records_.try_emplace(record.id);
  if (!is_new) return Errc::id_taken;
  place->second = std::make_unique<Record>(std::move(record));
  ++entered_;
  return Ticket(this, place->second.get());
}

void Registry::leave(Record* record) { records_.erase(record->id); }

bool Registry::kick(const base::SessionId& id, base::ErrorCode why) {
  const auto found = records_.find(id);
  if (found == records_.end()) return false;
  if (found->second->session) found->second->session->kick(why);
  return true;
}

const Record* Registry::find(const base::SessionId& id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : found->second.get();
}

void Registry::sample() {
  for (const auto& [id, record] : records_) {
    record->received.sample(record->received_bytes());
    record->sent.sample(record->sent_bytes());
  }
}

}  // namespace weir::hub
