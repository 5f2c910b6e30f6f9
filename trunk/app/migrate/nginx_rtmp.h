#pragma once

#include <string_view>

#include "app/migrate/draft.h"

namespace weir::migrate {

// Whether this is a configuration of nginx with a block of nginx-rtmp.
bool is_nginx_rtmp(std::string_view text);
// Its rtmp block as ours. What stands outside of it is nginx's own and stays there.
Migration from_nginx_rtmp(std::string_view text);

}  // namespace weir::migrate
