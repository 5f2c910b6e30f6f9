#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/overlay/file.h"
#include "config/diff.h"
#include "config/tree.h"

namespace weir::overlay {

// What somebody asks for.
struct Change {
  enum class What { look, add, set, remove, undo };
  What what = What::look;
  std::string vhost{};   // of an entry
  config::Node entry{};  // to add: `source SCOPE { ... }` or `push SCOPE { ... }`; to set: the value, its first word
  std::string kind{};    // to remove: "source", "push" or "variable"
  std::string name{};    // the same, config::name_of(), and to set: that of the variable
};

// What became of it.
struct Outcome {
  int status = 200;                                // of HTTP; 507: the disk is full
  std::string error{};                             // in words, without secrets; empty: it is done
  std::string name{};                              // of what was added or removed
  std::shared_ptr<const config::Config> config{};  // that is to run now, as the file says it; null: what runs goes on
  std::vector<config::Problem> warnings{};         // of what was added

  // Of a look: the file as anybody may read it, and what undo would take back.
  std::string file{}, text{};
  bool can_undo = false;
  std::vector<config::Change> undoable{};
};

// Decides it, and writes the file if that changes. `running` names an overlay.
Outcome decide(const config::Config& running, const Change& change, const File& file,
               const config::Surroundings& surroundings);

// Has it decided on the main thread, which calls `done` when the new configuration runs.
using Ask = std::function<void(Change change, std::function<void(Outcome)> done)>;

}  // namespace weir::overlay
