#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/overlay/file.h"
#include "config/diff.h"
#include "config/load.h"

namespace weir::edit {

// The largest file that is edited here, in bytes.
inline constexpr std::size_t largest = 256 * 1024;

// What somebody asks of the configuration's file.
struct Change {
  enum class What { look, put, undo };
  What what = What::look;
  std::string text{};  // to put
  std::string of{};    // the digest of the file that it was made of: whoever wrote since is not overwritten
  std::string by{};    // the address of who asks, for the log
};

// What became of it.
struct Outcome {
  int status = 200;                       // of HTTP; 412: the file is another by now, 422: there are mistakes
  std::string error{};                    // in words; empty: it is done
  std::string file{};                     // as the command line names it
  std::string text{};                     // of a look: what the file holds, secrets too
  std::string digest{};                   // of what the file holds now, 64 hexadecimal digits
  bool can_undo = false;                  // of a look
  std::string read_only{};                // of a look: why it could not be written; empty: it could
  config::Report report{};                // of what was put; its configuration is to run now
  std::vector<config::Change> changes{};  // what that changes of what runs
};

// Decides it, and writes the file if that changes. `name` is what messages call the file. Main thread.
Outcome decide(const config::Config& running, const Change& change, const std::string& name, const overlay::File& file,
               const config::Surroundings& surroundings);

// Has it decided on the main thread, which calls `done` when the new configuration runs.
using Ask = std::function<void(Change change, std::function<void(Outcome)> done)>;

}  // namespace weir::edit
