#include "session/hls/relay_cache.h"

namespace weir::session::hls {

namespace {

constexpr std::uint64_t entry_bytes = 512;  // beside what it holds
constexpr std::size_t looks_at_once = 256;

}  // namespace

RelayedRef RelayCache::find(const std::string& target, base::Instant now) {
  const auto found = entries_.find(target);
  if (found == entries_.end()) return nullptr;
  const auto entry = found->second;
  if (now >= entry->until) {
    drop(entry);
    return nullptr;
  }
  order_.splice(order_.end(), order_, entry);
  return entry->answer;
}

void RelayCache::keep(const std::string& target, const std::string& stem, RelayedRef answer, std::uint64_t most_bytes,
                      base::Instant now) {
  if (const auto found = entries_.find(target); found != entries_.end()) drop(found->second);
  const std::uint64_t size = answer->size() + entry_bytes;
  if (answer->life.count() <= 0 || size > most_bytes) return;
  while (!order_.empty() && (bytes_ + size > most_bytes || order_.size() >= most_entries)) drop(order_.begin());
  const auto life = answer->life;
  const auto entry = order_.insert(order_.end(), Entry{target, stem, std::move(answer), now + life});
  entries_.emplace(entry->target, entry);
  bytes_ += size;
}

void RelayCache::drop(Order::iterator entry) {
  bytes_ -= entry->answer->size() + entry_bytes;
  entries_.erase(entry->target);
  order_.erase(entry);
}

void RelayCache::forget(const std::string& stem) {
  for (auto it = order_.begin(); it != order_.end();) {
    const auto one = it++;
    if (one->stem == stem) drop(one);
  }
}

void RelayCache::tidy(base::Instant now) {
  std::size_t left = looks_at_once;
  for (auto it = order_.begin(); it != order_.end() && left > 0; --left) {
    const auto one = it++;
    if (now >= one->until) drop(one);
  }
}

}  // namespace weir::session::hls
