#pragma once

#include "config/binder.h"
#include "config/protocols.h"
#include "config/vhost.h"

namespace weir::config {

// Where a virtual host sends its streams on to, and where it fetches them from: what can be seen without asking
// anybody.
void check_remote(const Vhost& vhost, const std::string& path, Binder& binder, Problems& problems);

// A port that takes streams of another protocol.
void check_caster(const StreamCaster& caster, const std::string& path, Binder& binder, Problems& problems);
// The server has one SIP and one desk for media of gb28181: a second caster would be left out.
void check_one_gb28181(const Config& config, Binder& binder, Problems& problems);
// What comes to standard input is one stream's.
void check_one_standard_input(const Config& config, Binder& binder, Problems& problems);

}  // namespace weir::config
