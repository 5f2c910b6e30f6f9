#pragma once

#include <string>
#include <string_view>

#include "config/vhost.h"

namespace weir::session::flv {

// Whether a path is one of those that a mount template names, such as "[vhost]/[app]/[stream].flv". The virtual host is
// matched elsewhere; [app] takes one or more elements, [stream] one.
bool mount_matches(std::string_view mount, std::string_view path);

}  // namespace weir::session::flv
