#pragma once

#include "app/auth/error.h"
#include "config/access.h"
#include "hub/request.h"

namespace weir::auth {

// `security { }`, by SRS's order: a deny that matches refuses; an allow that matches lets in; else whoever is left is
// refused if there is any allow, of either action, or no rule at all.
base::Result<void> check_address(const config::Security& security, const hub::Request& request, hub::Action action);

// `refer { }`: the page's host must be one of the domains or below it. RTMP alone, as in SRS, unless `http` is on.
base::Result<void> check_refer(const config::Refer& refer, const hub::Request& request, hub::Action action);

}  // namespace weir::auth
