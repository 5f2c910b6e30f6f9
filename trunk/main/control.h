#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "config/command_line.h"
#include "config/config.h"
#include "config/load.h"
#include "main/process.h"
#include "main/supervisor.h"

namespace weir::server {

struct Control {
  const config::CommandLine& line;
  const config::Surroundings& surroundings;
  std::shared_ptr<const config::Config> config;
  log::Logger& logger;
  bool docker = false;
  std::string argv;                 // as the API tells it
  std::string revision;             // the commit that the program was built from
  std::filesystem::path directory;  // that the process was started in, whatever the working directory is by now
  std::filesystem::path file;       // of the configuration
  process::Supervisor supervisor;
  process::GiveFiles give_files;  // the log and the pid file
  std::function<void()> started;  // called once every port is open and the user is changed
};

// Runs the server until a signal ends it, and gives the exit status. SIGHUP reloads, SIGUSR1 opens the log file anew,
// SIGTERM and SIGINT stop, SIGQUIT stops when the last client is gone; a second signal exits at once. With asprocess it
// stops when its parent process is gone. On the main thread, before any other is started.
int control(const Control& control);

}  // namespace weir::server
