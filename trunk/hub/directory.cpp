#include "hub/directory.h"

#include <algorithm>

#include "base/random.h"

namespace weir::hub {

Directory::Entry& Directory::entry(const base::StreamKey& key) {
  Entry& entry = entries_[key];
  if (entry.stream_id.empty()) entry.stream_id = "vid-" + base::random_text(7);
  return entry;
}

void Directory::drop_if_unused(const base::StreamKey& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end() && !found->second.owner && found->second.wants.empty()) entries_.erase(found);
}

base::Result<Directory::Claim> Directory::claim(const base::StreamKey& key, base::WorkerIndex worker,
                                                const base::SessionId& publisher) {
  const std::scoped_lock lock(mutex_);
  Entry& found = entry(key);
  if (found.owner) return Errc::busy;
  found.owner = Owner{worker, publisher};
  return Claim{found.wants, found.ended_at, found.stream_id};
}

void Directory::release(const base::StreamKey& key, const base::SessionId& publisher, base::Ticks ended_at) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.owner || found->second.owner->publisher != publisher) return;
  found->second.owner.reset();
  found->second.ended_at = ended_at;
  drop_if_unused(key);
}

std::optional<Directory::Owner> Directory::owner(const base::StreamKey& key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  return found == entries_.end() ? std::nullopt : found->second.owner;
}

std::optional<Directory::Owner> Directory::want(const base::StreamKey& key, const Want& want) {
  const std::scoped_lock lock(mutex_);
  Entry& found = entry(key);
  if (std::find(found.wants.begin(), found.wants.end(), want) == found.wants.end()) found.wants.push_back(want);
  return found.owner;
}

std::optional<Directory::Owner> Directory::unwant(const base::StreamKey& key, const Want& want) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  std::erase(found->second.wants, want);
  const auto owner = found->second.owner;
  drop_if_unused(key);
  return owner;
}

std::string Directory::stream_id(const base::StreamKey& key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  return found == entries_.end() ? std::string() : found->second.stream_id;
}

std::size_t Directory::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

}  // namespace weir::hub
