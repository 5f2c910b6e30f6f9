#pragma once

#include <string>

#include "config/binder.h"
#include "config/config.h"

namespace weir::config {

// SIP of a stream_caster gb28181 whose path is given: ids, domain, devices, candidate.
void check_sip(const StreamCaster::Sip& sip, const std::string& path, Binder& binder, Problems& problems);

}  // namespace weir::config
