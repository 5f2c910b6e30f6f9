#include "app/stats/catalogue.h"

#include <algorithm>

namespace weir::stats {

std::vector<Catalogue::Entry*>::const_iterator Catalogue::place_of(const std::string& id) const {
  return std::lower_bound(sorted_.begin(), sorted_.end(), id,
                          [](const Entry* entry, const std::string& wanted) { return entry->listing.id < wanted; });
}

void Catalogue::insert(Entry& entry) { sorted_.insert(place_of(entry.listing.id), &entry); }

void Catalogue::erase(const Entry& entry) {
  const auto place = place_of(entry.listing.id);
  if (place != sorted_.end() && *place == &entry) sorted_.erase(place);
}

void Catalogue::add(Listing listing, base::WorkerIndex worker) {
  auto& entry = entries_[listing.key];
  if (!entry) {
    entry = std::make_unique<Entry>(Entry{std::move(listing), {}});
    insert(*entry);
  } else if (entry->listing.id != listing.id) {
    // The stream ended and came again on another worker before the first one's word of its end arrived.
    erase(*entry);
    entry->listing = std::move(listing);
    insert(*entry);
  }
  if (std::find(entry->workers.begin(), entry->workers.end(), worker) == entry->workers.end()) {
    entry->workers.push_back(worker);
  }
}

void Catalogue::remove(const base::StreamKey& key, base::WorkerIndex worker) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  std::erase(found->second->workers, worker);
  if (!found->second->workers.empty()) return;
  erase(*found->second);
  entries_.erase(found);
}

Page<Listing> Catalogue::page(const Filter& filter, std::size_t start, std::size_t count) const {
  Page<Listing> page;
  if (!filter.any()) {
    page.total = sorted_.size();
    for (std::size_t i = start; i < sorted_.size() && page.rows.size() < count; ++i) {
      page.rows.push_back(sorted_[i]->listing);
    }
    return page;
  }
  for (const Entry* entry : sorted_) {
    const Listing& listing = entry->listing;
    if (!filter.admits_stream(listing.vhost, listing.app, listing.name)) continue;
    if (!filter.contains.empty() && !filter.is_part_of(listing.app + "/" + listing.name)) continue;
    if (page.total >= start && page.rows.size() < count) page.rows.push_back(listing);
    ++page.total;
  }
  return page;
}

const Listing* Catalogue::find(const std::string& id) const {
  const auto place = place_of(id);
  return place != sorted_.end() && (*place)->listing.id == id ? &(*place)->listing : nullptr;
}

}  // namespace weir::stats
