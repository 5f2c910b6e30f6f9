#pragma once

#include <string>

#include "config/config.h"

namespace weir::api {

// Where the HTTP server has a file of that virtual host: in its root, or where http_static mounts a folder. Empty:
// nowhere.
std::string url_of_recording(const config::Config& config, const std::string& vhost, const std::string& path);

}  // namespace weir::api
