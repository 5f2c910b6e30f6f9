#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/stats/rows.h"
#include "base/ids.h"
#include "base/thread_check.h"

namespace weir::stats {

// A stream as it is listed: what never changes of it.
struct Listing {
  std::string id;  // "vid-1a2b3c4"
  base::StreamKey key;
  std::string vhost, app, name, url;
};

// Every stream of the process in order of its id, so that a page of them costs what it returns. Lives on the first
// worker; the others tell it by message when the first session of a stream comes to them and when the last one leaves.
class Catalogue {
 public:
  void add(Listing listing, base::WorkerIndex worker);
  void remove(const base::StreamKey& key, base::WorkerIndex worker);

  std::size_t size() const { return sorted_.size(); }
  Page<Listing> page(const Filter& filter, std::size_t start, std::size_t count) const;
  const Listing* find(const std::string& id) const;

 private:
  struct Entry {
    Listing listing;
    std::vector<base::WorkerIndex> workers;  // where it has sessions
  };
  std::vector<Entry*>::const_iterator place_of(const std::string& id) const;
  void insert(Entry& entry);
  void erase(const Entry& entry);

  std::unordered_map<base::StreamKey, std::unique_ptr<Entry>> entries_;
  std::vector<Entry*> sorted_;
};

}  // namespace weir::stats
