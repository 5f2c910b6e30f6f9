#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace weir::sdp {

// The NAL units that a media line's fmtp carries: sprop-parameter-sets (RFC 6184 8.1), sprop-vps, sprop-sps and
// sprop-pps (RFC 7798 7.1), in that order. What is no base64 is left out; at most 16.
std::vector<base::SharedBytes> parameter_sets(std::string_view fmtp);

}  // namespace weir::sdp
