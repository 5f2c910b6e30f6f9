#pragma once

#include <string_view>

#include "format/amf0/value.h"

namespace weir::session::upstream {

// Who asks, in the arguments of connect: the servers that the request came through (way.h), and, unless
// `debug_srs_upnode` is off, this one in the way of SRS, whose origins log it as "edge-srs". `id` is that of the
// session.
amf0::Value upnode_arguments(bool told, std::string_view way, std::string_view id);

}  // namespace weir::session::upstream
