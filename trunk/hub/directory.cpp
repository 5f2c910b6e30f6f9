#include "hub/directory.h"

#include <algorithm>

#include "base/digest.h"
#include "base/random.h"

namespace weir::hub {

Directory::Directory() : salt_(base::random_text(16)) {}

void Directory::drop_if_unused(const base::StreamKey& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end() && !found->second.owner && found->second.wants.empty()) entries_.erase(found);
}

base::Result<Directory::Claim> Directory::claim(const base::StreamKey& key, base::WorkerIndex worker,
                                                const base::SessionId& publisher) {
  const std::scoped_lock lock(mutex_);
  Entry& found = entries_[key];
  if (found.owner) return Errc::busy;
  found.owner = Owner{worker, publisher};
  return Claim{found.wants, found.ended_at, stream_id(key)};
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
  Entry& found = entries_[key];
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
  // With their lengths, so that "a/b" + "c" and "a" + "b/c" differ.
  const std::string lengths = std::to_string(key.vhost.size()) + "," + std::to_string(key.app.size()) + ",";
  const base::Sha256 digest = base::sha256({base::as_bytes(salt_), base::as_bytes(lengths), base::as_bytes(key.vhost),
                                            base::as_bytes(key.app), base::as_bytes(key.stream)});
  static constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id = "vid-";
  for (std::size_t i = 0; i < 7; ++i) id += letters[digest[i] % letters.size()];
  return id;
}

std::size_t Directory::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

}  // namespace weir::hub
