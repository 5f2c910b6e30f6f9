#include "hub/directory.h"

#include <algorithm>

#include "base/digest.h"
#include "base/random.h"

namespace weir::hub {

Directory::Directory() : salt_(base::random_text(16)) {}

const Directory::Entry* Directory::find(const base::StreamKey& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

void Directory::drop_if_unused(const base::StreamKey& key) {
  const Entry* entry = find(key);
  if (entry && entry->owners.empty() && !entry->home && !entry->starter && entry->wants.empty()) entries_.erase(key);
}

base::Result<Directory::Claim> Directory::claim(const base::StreamKey& key, base::WorkerIndex worker,
                                                const base::SessionId& publisher, std::size_t most) {
  const std::scoped_lock lock(mutex_);
  Entry& found = entries_[key];
  if (found.owners.size() >= most) return Errc::busy;
  found.owners.push_back({worker, publisher});
  found.live = true;
  if (!found.home) found.home = worker;
  return Claim{*found.home, found.ended_at};
}

void Directory::release(const base::StreamKey& key, const base::SessionId& publisher) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  std::erase_if(found->second.owners, [&](const Owner& owner) { return owner.publisher == publisher; });
}

std::optional<Directory::Owner> Directory::owner(const base::StreamKey& key) const {
  const std::scoped_lock lock(mutex_);
  const Entry* found = find(key);
  return found && !found->owners.empty() ? std::optional(found->owners.back()) : std::nullopt;
}

bool Directory::live(const base::StreamKey& key) const {
  const std::scoped_lock lock(mutex_);
  const Entry* found = find(key);
  return found && found->live;
}

void Directory::over(const base::StreamKey& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  found->second.standing.reset();
  if (found->second.owners.empty()) found->second.live = false;
}

bool Directory::retire(const base::StreamKey& key, base::Ticks ended_at) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return true;
  if (!found->second.owners.empty()) return false;
  found->second.live = false;
  found->second.home.reset();
  found->second.standing.reset();
  found->second.ended_at = ended_at;
  drop_if_unused(key);
  return true;
}

std::optional<base::WorkerIndex> Directory::home(const base::StreamKey& key) const {
  const std::scoped_lock lock(mutex_);
  const Entry* found = find(key);
  return found ? found->home : std::nullopt;
}

void Directory::set_standing(const base::StreamKey& key, const Standing& standing) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = entries_.find(key); found != entries_.end()) found->second.standing = standing;
}

std::optional<Directory::Standing> Directory::standing(const base::StreamKey& key) const {
  const std::scoped_lock lock(mutex_);
  const Entry* found = find(key);
  return found ? found->standing : std::nullopt;
}

std::vector<Want> Directory::wants(const base::StreamKey& key) const {
  const std::scoped_lock lock(mutex_);
  const Entry* found = find(key);
  return found ? found->wants : std::vector<Want>();
}

std::optional<base::WorkerIndex> Directory::want(const base::StreamKey& key, const Want& want) {
  const std::scoped_lock lock(mutex_);
  Entry& found = entries_[key];
  if (std::find(found.wants.begin(), found.wants.end(), want) == found.wants.end()) found.wants.push_back(want);
  return found.home;
}

Directory::Left Directory::unwant(const base::StreamKey& key, const Want& want) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return {};
  std::erase(found->second.wants, want);
  Left left{found->second.home, {}};
  if (found->second.wants.empty()) left.starter = found->second.starter;
  drop_if_unused(key);
  return left;
}

bool Directory::begin_start(const base::StreamKey& key, base::WorkerIndex worker) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.live || found->second.starter || found->second.wants.empty())
    return false;
  found->second.starter = worker;
  return true;
}

bool Directory::starting(const base::StreamKey& key) const {
  const std::scoped_lock lock(mutex_);
  const Entry* found = find(key);
  return found && found->starter;
}

bool Directory::end_start(const base::StreamKey& key, bool even_if_wanted) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return true;
  if (!found->second.wants.empty() && !even_if_wanted) return false;
  found->second.starter.reset();
  drop_if_unused(key);
  return true;
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
