#pragma once

#include <string>

#include "app/cluster/answer.h"
#include "hub/request.h"

namespace weir::cluster {

// Where a player of this request shall go to have it from that origin, in a URL of its own protocol, with all of its
// parameters and its virtual host. Empty for protocols whose players cannot be sent anywhere.
std::string url_at(const Origin& origin, const hub::Request& request);

}  // namespace weir::cluster
