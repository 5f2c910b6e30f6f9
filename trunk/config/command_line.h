#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "config/load.h"

namespace weir::config {

// What the command line asks for.
struct CommandLine {
  enum class Action { run, test, version, signature, help, refuse };

  Action action = Action::run;
  std::string file;               // of the configuration; empty with `environment_only`
  bool found = false;             // nobody named the file: it is the first of the usual places that there is
  bool environment_only = false;  // -e, or SRS_ENV_ONLY
  std::string complaint;          // why it is refused
};

// Where the file is looked for if nobody names one: as a package installs it, then as it lies in the tree of sources.
inline constexpr const char* installed_config_file = "/etc/weir/weir.conf";
inline constexpr const char* default_config_file = "conf/weir.conf";
// Exit status of -t for a bad file: SRS's 1023 ("invalid configuration"), of which a shell sees the low byte.
inline constexpr int bad_config_status = 1023 & 0xff;

// `arguments` without the program's name. SRS_CONFIG_FILE and SRS_ENV_ONLY in `environment` are honoured. `exists` says
// of a path whether a file is there; without it none is.
CommandLine parse_command_line(std::span<const std::string_view> arguments, const Environment& environment,
                               const std::function<bool(const char*)>& exists = {});
std::string help_text(std::string_view program);

}  // namespace weir::config
