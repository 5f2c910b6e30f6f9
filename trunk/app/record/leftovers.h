#pragma once

#include <string>
#include <vector>

#include "app/record/path.h"
#include "base/clock.h"

namespace weir::record {

// What became of one file.
struct Adopted {
  std::string line;  // for the log
  std::string path;  // where it is now; empty if it could not be completed
  PathFacts names;   // what its path says of the stream; `time` is when it ended
  base::Ticks duration{};
  std::uint64_t bytes = 0;
};

// Completes what a crash left as NAME.tmp: it loses a half tag or packet at its end, FLV gets its length and index, MP4
// its tables in front, and it gets its name. Only files that the template may have named and that nobody has locked, as
// whoever writes one does. Waits for the disk.
std::vector<Adopted> adopt_leftovers(const std::string& path_template);

}  // namespace weir::record
