#pragma once

#include <sys/types.h>

#include <string>

#include "base/error.h"

namespace weir::http {

// A mark on files that are not for whoever asks for a file by its path, because another part of the server decides who
// may have them. Means nothing else on a regular file (the sticky bit, inode(7)), and stays when it is renamed, when
// the server is started again and when a backup brings it back. Opening one is forbidden.
inline constexpr mode_t kept_back_mode = 01000;

// What is known of a file beside its name, and stays with it wherever it is moved.
struct FileMark {
  std::string owner;  // as who wrote it says, up to 1 KiB; empty: not known, or the file system keeps no such thing
  bool kept_back = false;  // kept_back_mode
  bool operator==(const FileMark&) const = default;
};

// These wait for the disk. `owner` is an extended attribute (xattr(7)), and where the file system has none, it is left
// out; the error is that of keeping back.
base::ErrorCode write_mark(int descriptor, const FileMark& mark);
FileMark read_mark(int descriptor);
FileMark read_mark(const std::string& path);

}  // namespace weir::http
