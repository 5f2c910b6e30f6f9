#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

// What is done to a recording when it is complete. All of this waits for the disk.
namespace weir::record {

// Gives the file a name that no other has: the one wanted, or a numbered one. Gives that name.
base::Result<std::string> rename_to_free_name(const std::string& from, const std::string& wanted);

// Writes a regular MP4 with its tables in front, out of a fragmented one, even if that is cut off somewhere. Gives its
// duration. No file is left at `to` if it fails.
base::Result<base::Ticks> write_tables_first(const std::string& from, const std::string& to);

// Writes an FLV with an index of its key frames in the metadata; likewise.
base::Result<base::Ticks> write_index_first(const std::string& from, const std::string& to);

}  // namespace weir::record
