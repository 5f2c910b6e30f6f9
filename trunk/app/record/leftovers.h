#pragma once

#include <string>
#include <vector>

namespace weir::record {

// Completes what a crash left as NAME.tmp: it loses a half tag or packet at its end, FLV gets its length, MP4 its
// tables in front, and it gets its name. Only files that the template may have named and that nobody has locked, as
// whoever writes one does. Gives a line for the log for each. Waits for the disk.
std::vector<std::string> adopt_leftovers(const std::string& path_template);

}  // namespace weir::record
