#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "config/look_up.h"

namespace weir::config {

// Environment variables by name. Nothing here asks the operating system; main calls environment_of(environ) once.
using Environment = std::map<std::string, std::string, std::less<>>;
Environment environment_of(const char* const* variables);

using ReadFile = std::function<base::Result<std::string>(const std::string& path)>;
// Reads a regular file of at most 4 MiB; anything else is refused.
base::Result<std::string> read_regular_file(const std::string& path);

// Why a file or folder is not as a setting wants it, in words; empty: it is.
enum class Wanted : std::uint8_t { readable_file, folder, folder_to_write };
using LookAtFile = std::function<std::string(const std::string& path, Wanted wanted)>;

// Where the process runs. Zero means "not known, do not check".
struct Surroundings {
  Environment environment;
  ReadFile read_file = read_regular_file;
  LookUp look_up = addresses_of_host;  // of names in `listen`
  LookAtFile look_at_file;             // none: files that settings name are not looked at
  // Why a push cannot send this file as its sound, in words; empty: it can. Not set: such files are not looked at.
  // Waits for the disk. Any thread.
  std::function<std::string(const Config& config, const std::string& file)> fault_of_sound;
  // What the command of a variable said last; none: nothing yet. Any thread. Not set: nothing is run, ever.
  std::function<std::optional<std::string>(const Variable& variable)> said_by_command;
  bool in_docker = false;
  std::uint64_t max_open_files = 0;   // RLIMIT_NOFILE
  std::uint32_t local_addresses = 0;  // for stats.network
};

struct Problem {
  std::string file;   // or "environment"
  unsigned line = 0;  // 0: of the file as a whole
  std::string reason;

  std::string text() const;  // "file:line: reason"
  bool operator==(const Problem&) const = default;
};

// `config` is null exactly when there are errors. All mistakes are reported, not only the first.
struct Report {
  std::shared_ptr<const Config> config;
  std::vector<Problem> errors;
  std::vector<Problem> warnings;
};

// Reads, checks and completes the file; `include` is followed.
Report load_file(const std::string& path, const Surroundings& surroundings);
// The same for text in memory, which `name` stands for in messages.
Report load_text(const std::string& name, std::string_view text, const Surroundings& surroundings);
// No file at all (-e): a __defaultVhost__, no daemon, log to the console unless told otherwise.
Report load_environment(const Surroundings& surroundings);
// The configuration that runs, with this text as its overlay: whatever its files hold by now, what they held when it
// was loaded counts.
Report load_again(const Config& running, const std::string& overlay_text, const Surroundings& surroundings);

}  // namespace weir::config
