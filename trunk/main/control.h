#pragma once

#include <memory>

#include "base/log.h"
#include "config/command_line.h"
#include "config/config.h"
#include "config/load.h"

namespace weir::server {

struct Control {
  const config::CommandLine& line;
  const config::Surroundings& surroundings;
  std::shared_ptr<const config::Config> config;
  log::Logger& logger;
  bool docker = false;
  std::string argv;  // as the API tells it
};

// Runs the server until a signal ends it, and gives the exit status. SIGHUP reloads, SIGUSR1 opens the log file anew,
// SIGTERM and SIGINT stop, SIGQUIT stops when the last connection is gone; a second signal exits at once. On the main
// thread, before any other is started.
int control(const Control& control);

}  // namespace weir::server
