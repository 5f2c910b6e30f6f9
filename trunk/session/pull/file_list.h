#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::session::pull {

inline constexpr std::size_t largest_list_bytes = 1 << 20;
inline constexpr std::size_t most_in_list = 10'000;

// Whether a file of this name is a list of files, which are played one after another: .m3u, .m3u8, .list or .txt.
bool is_file_list(std::string_view name);

struct FileList {
  std::vector<std::string> names;  // below the directory of http_server
  std::string fault;               // in words, with its line; empty: there is none
};
// A name on each line, in the folder of the list, or from the directory of http_server if it begins with '/'. Empty
// lines and those that begin with '#' say nothing.
FileList parse_file_list(const std::string& name, std::string_view text);

}  // namespace weir::session::pull
