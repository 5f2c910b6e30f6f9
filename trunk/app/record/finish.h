#pragma once

#include <string>

#include "base/result.h"

// What is done to a recording when it is complete. All of this waits for the disk.
namespace weir::record {

// Gives the file a name that no other has: the one wanted, or a numbered one. Gives that name.
base::Result<std::string> rename_to_free_name(const std::string& from, const std::string& wanted);

// Writes a regular MP4 with its tables in front, out of a fragmented one, even if that is cut off somewhere. No file
// is left at `to` if it fails.
base::Result<void> write_tables_first(const std::string& from, const std::string& to);

}  // namespace weir::record
