#include <openssl/ssl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

#include "app/bench/demo.h"
#include "app/bench/run.h"
#include "app/migrate/run.h"
#include "app/probe/run.h"
#include "base/version.h"
#include "config/command_line.h"
#include "config/load.h"
#include "main/build_info.h"
#include "main/control.h"
#include "main/daemon.h"
#include "main/process.h"
#include "main/server.h"
#include "session/forward/sound_file.h"

extern char** environ;

namespace {

using namespace weir;

constexpr int pid_file_status = 1035 & 0xff;  // SRS's error number, as far as a status holds it

void print(const std::vector<config::Problem>& problems, std::string_view kind) {
  for (const config::Problem& problem : problems)
    std::cerr << problem.text() << (kind.empty() ? "" : " ") << kind << '\n';
}

log::Options log_options(const config::Config& config) {
  log::Options options;
  options.to_file = config.log.to_file;
  options.path = config.log.file;
  options.level = static_cast<log::Level>(config.log.level);
  options.json = config.log.json;
  options.lines_per_address = config.log.lines_per_address;
  options.utc = config.process.utc_time;
  options.follow_links = config.process.user.empty();
  return options;
}

int run(const config::CommandLine& line, const config::Surroundings& surroundings, const config::Report& report,
        const std::string& command, process::Supervisor supervisor, const std::filesystem::path& directory) {
  const config::Config& config = *report.config;
  if (!config.process.work_dir.empty() && ::chdir(config.process.work_dir.c_str()) != 0) {
    std::cerr << "weir: cannot change to work_dir " << config.process.work_dir << ": " << std::strerror(errno) << '\n';
    return 1;
  }
  if (config.process.utc_time) process::use_utc();
  std::optional<process::Daemon> daemon;
  if (config.process.daemon) {
    auto became = process::Daemon::become();
    if (!became) {
      std::cerr << "weir: cannot become a daemon: " << became.error().message() << '\n';
      return 1;
    }
    daemon.emplace(std::move(*became));
  }
  const auto fail = [&daemon](int status, const std::string& why) {
    if (daemon) {
      daemon->report(status, "weir: " + why + '\n');
    } else {
      std::cerr << "weir: " << why << '\n';
    }
    return status;
  };
  auto logger = log::Logger::make(log_options(config));
  if (!logger) return fail(1, "cannot open the log file " + config.log.file + ": " + logger.error().message());
  const log::Context who{logger->get(), {}, {}};
  const auto pid_file = process::PidFile::make(config.process.pid);
  if (!pid_file) {
    const bool held = pid_file.error() == boost::system::errc::address_in_use;
    const std::string why = "pid file " + config.process.pid + ": " +
                            (held ? "another weir is running with it" : pid_file.error().message());
    log::error(who, "{}", why);
    (*logger)->flush();
    return fail(pid_file_status, why);
  }
  for (const config::Problem& warning : report.warnings) log::warn(who, "{}", warning.text());
  const int status =
      server::control({line, surroundings, report.config, **logger, config.process.in_docker, command,
                       std::string(server::build_commit()), directory, directory / line.file, std::move(supervisor),
                       [&](unsigned user, unsigned group) -> base::Result<void> {
                         TRY_VOID((*logger)->give_to(user, group));
                         return pid_file->give_to(user, group);
                       },
                       [&daemon] {
                         if (daemon) daemon->report(0);
                       }});
  if (status != 0 && daemon)
    daemon->report(status, "weir: did not start; the log tells why: " + config.log.file + '\n');
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  config::Surroundings surroundings;
  surroundings.environment = config::environment_of(environ);
  surroundings.max_open_files = process::raise_open_files();
  // Names of files are those of the directory that the process was started in, after work_dir too.
  std::error_code ignored;
  const std::filesystem::path directory = std::filesystem::current_path(ignored);
  surroundings.read_file = [&directory](const std::string& path) {
    return config::read_regular_file((directory / path).string());
  };
  surroundings.fault_of_sound = [&directory](const config::Config& config, const std::string& file) {
    const std::filesystem::path root = directory / config.process.work_dir / config.http_server.dir;
    const auto sound = session::forward::read_sound_file(root.string(), file);
    return sound ? std::string() : sound.error().message();
  };
  surroundings.in_docker = process::in_container();
  surroundings.local_addresses = static_cast<std::uint32_t>(process::local_addresses().size());
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments[0] == "bench") return bench::run_bench(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "demo") return bench::run_demo(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "migrate") return migrate::run_migrate(std::span(arguments).subspan(1));
  if (!arguments.empty() && arguments[0] == "probe") return probe::run_probe(std::span(arguments).subspan(1));
  const config::CommandLine line = config::parse_command_line(
      arguments, surroundings.environment, [](const char* place) { return ::access(place, F_OK) == 0; });
  switch (line.action) {
    case config::CommandLine::Action::version:
      std::cout << base::version << server::build_text() << '\n';
      return 0;
    case config::CommandLine::Action::signature:
      std::cout << base::server_name << '/' << base::version << '\n';
      return 0;
    case config::CommandLine::Action::help:
      std::cout << config::help_text(argv[0]);
      return 0;
    case config::CommandLine::Action::refuse:
      std::cerr << argv[0] << ": " << line.complaint << "\nTry '" << argv[0] << " --help'.\n";
      return 1;
    case config::CommandLine::Action::run:
    case config::CommandLine::Action::test:
      break;
  }
  if (line.found) std::cerr << "weir: no file is named, so it is " << line.file << '\n';
  if (line.action == config::CommandLine::Action::test) {
    surroundings.look_at_file = [&directory](const std::string& path, config::Wanted wanted) {
      return process::fault_of_file(directory / path, wanted);
    };
  }
  const config::Report report =
      line.environment_only ? config::load_environment(surroundings) : config::load_file(line.file, surroundings);
  if (!report.config || line.action == config::CommandLine::Action::test) {
    print(report.warnings, "(warning)");
    print(report.errors, "");
    if (!report.config) {
      std::cerr << "weir: the configuration is not usable, " << report.errors.size()
                << (report.errors.size() == 1 ? " mistake\n" : " mistakes\n");
      return config::bad_config_status;
    }
    std::cout << line.file << ": the configuration is usable";
    const std::size_t warnings = report.warnings.size();
    if (warnings > 0) std::cout << ", " << warnings << (warnings == 1 ? " warning" : " warnings");
    std::cout << '\n';
    return 0;
  }
  ::signal(SIGPIPE, SIG_IGN);
  OPENSSL_init_ssl(0, nullptr);
  std::string command(argv[0]);
  for (const std::string_view argument : arguments) command.append(" ").append(argument);
  return run(line, surroundings, report, command, process::Supervisor::from_environment(), directory);
}
