#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace weir::base {

// Files that the server writes while it is still root, in folders that may be somebody else's: whoever owns the folder
// can put a link there and would get the file behind it written, or given away.

// open(2) of a file that is no symbolic link (ELOOP) and has no other name (EMLINK), else it is made. As root, links
// among the folders before it are followed only where nobody else could have put them: in folders of root that only
// root writes to (else ELOOP). The caller closes it.
Result<int> open_own_file(const std::string& path, int flags);
// The folder of a file, by the same rule, as a place for openat(2) and its like; "." where the path names none. The
// caller closes it.
Result<int> open_folder_of(const std::string& path);
// Makes an open file that user's. Other than regular files are left alone; EMLINK: it has another name.
Result<void> give_file(int descriptor, uid_t user, gid_t group);
// The same for a file that is not open. One that does not exist is left out.
Result<void> give_file(const std::string& path, uid_t user, gid_t group);

}  // namespace weir::base
