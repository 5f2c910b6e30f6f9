#pragma once

#include <string>

namespace weir::api {

// When the program file was made: "2026-01-31 12:00:00", UTC.
std::string built_at();

}  // namespace weir::api
