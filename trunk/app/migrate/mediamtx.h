#pragma once

#include <string_view>

#include "app/migrate/draft.h"

namespace weir::migrate {

// Whether this is a mediamtx.yml, or rtsp-simple-server.yml.
bool is_mediamtx(std::string_view text);
Migration from_mediamtx(std::string_view text);

}  // namespace weir::migrate
