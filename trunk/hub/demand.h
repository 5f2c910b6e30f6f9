#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "hub/directory.h"
#include "hub/request.h"

namespace weir::hub {

// Who can bring a stream that is wanted and that nobody publishes: a pull from an origin, a file, a device that is
// called. One for each worker, on which it is told.
class Starter {
 public:
  virtual ~Starter() = default;
  // True: the stream is on its way. The starter publishes it (Origin::pull, ...), or says why it cannot by
  // Hub::cannot_start. `wanted` is the request of who asked first; it holds for the call alone.
  virtual bool start(const Request& wanted) = 0;
  // Whether start() would take it on: so a request that is answered with what there is knows whether to wait.
  virtual bool can_start(const Request& wanted) const = 0;
  // Nobody has wanted it for a while. What start() began ends.
  virtual void stop(const base::StreamKey& key) = 0;
};

// What is wanted on this worker and brought by a starter. Of the workers that want a stream one has it started: the
// directory says which. Part of the Hub.
class Demand {
 public:
  Demand(Directory& directory, base::WorkerIndex worker) : directory_(directory), worker_(worker) {}

  // In the order in which they are asked. Before the workers start.
  void add(Starter& starter) { starters_.push_back(&starter); }
  // Somebody wants it, and the directory knows of the want.
  void wanted(const Request& request);
  // The last one who wanted it has left, here or on another worker: what was started here ends, unless somebody came.
  void unwanted(const base::StreamKey& key);
  // It could not be started. False if it was not being started here.
  bool failed(const base::StreamKey& key);
  bool starts(const base::StreamKey& key) const { return started_.contains(key); }
  // Whether any of the starters would bring it.
  bool can_start(const Request& request) const;

 private:
  Directory& directory_;
  base::WorkerIndex worker_;
  std::vector<Starter*> starters_;
  std::unordered_map<base::StreamKey, Starter*> started_;
};

}  // namespace weir::hub
