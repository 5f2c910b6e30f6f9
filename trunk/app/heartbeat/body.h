#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

#include "config/config.h"

namespace weir::heartbeat {

struct Identity {
  std::string_view server, service;  // as in the API
  int pid = 0;
  std::string_view address;  // where the configuration does not say another
};

// SRS's message: device_id, ip, server, service, pid, then `summaries` and where the server listens, as configured.
// `summaries` is left out where it is null.
std::string body(const config::Config& config, const Identity& identity, const nlohmann::ordered_json& summaries);

}  // namespace weir::heartbeat
