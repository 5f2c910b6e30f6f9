#pragma once

#include <string_view>

namespace weir::base {

inline constexpr std::string_view server_name = "Weir";
inline constexpr std::string_view version = "0.1.0";
inline constexpr int version_major = 0, version_minor = 1, version_revision = 0;

}  // namespace weir::base
