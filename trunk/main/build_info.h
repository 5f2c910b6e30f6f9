#pragma once

#include <string_view>

namespace weir::server {

// What the binary was built from, as " (3404a9277a1c, 2026-11-28)": the commit, "+" behind it if files differed from
// it, and the commit's date. Empty where it is not known. In a file of its own, which cmake/build_info.cmake writes: a
// new commit compiles that file and nothing else.
std::string_view build_text();
// That commit alone: "3404a9277a1c+".
std::string_view build_commit();

}  // namespace weir::server
