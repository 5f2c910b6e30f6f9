#include "session/webrtc/session_table.h"

#include "base/address.h"
#include "session/webrtc/error.h"

namespace weir::session::webrtc {

base::Result<SessionTable::Pending> SessionTable::wait(std::string_view address) {
  std::string block = base::address_block(address);
  const std::lock_guard lock(mutex_);
  std::size_t& of_address = pending_[block];
  if (pending_count_ >= limits_.pending || of_address >= limits_.pending_of_address) {
    if (of_address == 0) pending_.erase(block);
    return Errc::too_many;
  }
  ++of_address;
  ++pending_count_;
  return Pending(*this, std::move(block));
}

void SessionTable::leave_pending(const std::string& block) {
  const std::lock_guard lock(mutex_);
  --pending_count_;
  const auto found = pending_.find(block);
  if (found != pending_.end() && --found->second == 0) pending_.erase(found);
}

SessionNumber SessionTable::next_number() {
  const std::lock_guard lock(mutex_);
  return SessionNumber{++numbers_};
}

base::Result<SessionTable::Entry> SessionTable::enter(std::string ufrag, std::string secret, Place place) {
  const std::lock_guard lock(mutex_);
  if (ufrags_.size() >= limits_.sessions) return Errc::too_many;
  if (!ufrags_.emplace(ufrag, place).second) return Errc::ufrag_taken;
  if (!secret.empty()) secrets_.emplace(secret, place);
  return Entry(*this, std::move(ufrag), std::move(secret));
}

void SessionTable::leave(const std::string& ufrag, const std::string& secret) {
  const std::lock_guard lock(mutex_);
  ufrags_.erase(ufrag);
  secrets_.erase(secret);
}

std::optional<SessionTable::Place> SessionTable::find(const ByText<Place>& map, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

std::size_t SessionTable::size() const {
  const std::lock_guard lock(mutex_);
  return ufrags_.size();
}

std::size_t SessionTable::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_count_;
}

}  // namespace weir::session::webrtc
