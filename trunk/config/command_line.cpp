#include "config/command_line.h"

#include <fmt/format.h>

#include <optional>

namespace weir::config {
namespace {

using Action = CommandLine::Action;

struct LongOption {
  std::string_view name;
  char letter;
};
constexpr LongOption long_options[] = {{"--help", 'h'}, {"--version", 'v'},   {"--test", 't'},
                                       {"--env", 'e'},  {"--signature", 'g'}, {"--config", 'c'}};

bool is_set(const Environment& environment, std::string_view name) {
  return environment.find(name) != environment.end();
}

class Parser {
 public:
  explicit Parser(std::span<const std::string_view> arguments) : arguments_(arguments) {}

  CommandLine run() {
    while (at_ < arguments_.size() && result_.complaint.empty()) {
      const std::string_view argument = arguments_[at_++];
      if (argument.starts_with("--")) {
        long_option(argument);
      } else if (argument.size() > 1 && argument.front() == '-') {
        letters(argument.substr(1));
      } else {
        complain(fmt::format("'{}' is not understood", argument));
      }
    }
    if (!result_.complaint.empty()) result_.action = Action::refuse;
    return result_;
  }

 private:
  void long_option(std::string_view argument) {
    const auto equals = argument.find('=');
    const auto name = argument.substr(0, equals);
    for (const LongOption& option : long_options) {
      if (option.name != name) continue;
      if (option.letter == 'c') return take_file(equals == std::string_view::npos ? "" : argument.substr(equals + 1));
      if (equals == std::string_view::npos) return letter(option.letter);
    }
    complain(fmt::format("there is no option '{}'", argument));
  }

  // Several letters may share a dash; after 'c' the rest is the file.
  void letters(std::string_view text) {
    while (!text.empty() && result_.complaint.empty()) {
      const char c = text.front();
      text.remove_prefix(1);
      if (c == 'c') return take_file(text);
      letter(c);
    }
  }

  void letter(char c) {
    switch (c) {
      case 't':
        return want(Action::test);
      case 'e':
        result_.environment_only = true;
        return;
      case 'v':
      case 'V':
        return want(Action::version);
      case 'g':
      case 'G':
        return want(Action::signature);
      case 'h':
      case '?':
        return want(Action::help);
      default:
        complain(fmt::format("there is no option '-{}'", c));
    }
  }

  void take_file(std::string_view file) {
    if (file.empty() && at_ < arguments_.size()) file = arguments_[at_++];
    if (file.empty()) return complain("-c needs a file");
    result_.file = file;
  }

  // Help and the like win over running and testing, whatever the order.
  void want(Action action) {
    if (result_.action == Action::run || result_.action == Action::test) result_.action = action;
  }

  void complain(std::string text) { result_.complaint = std::move(text); }

  std::span<const std::string_view> arguments_;
  std::size_t at_ = 0;
  CommandLine result_;
};

}  // namespace

CommandLine parse_command_line(std::span<const std::string_view> arguments, const Environment& environment,
                               const std::function<bool(const char*)>& exists) {
  CommandLine result = Parser(arguments).run();
  if (is_set(environment, "SRS_ENV_ONLY")) result.environment_only = true;
  const auto file = environment.find("SRS_CONFIG_FILE");
  if (file != environment.end() && !file->second.empty()) result.file = file->second;
  if (result.environment_only) {
    result.file.clear();
  } else if (result.file.empty()) {
    result.file = default_config_file;
    for (const char* place : {installed_config_file, default_config_file}) {
      if (!exists || !exists(place)) continue;
      result.file = place;
      result.found = true;
      break;
    }
    if (arguments.empty() && !result.found) result.action = Action::help;
  }
  return result;
}

std::string help_text(std::string_view program) {
  return fmt::format(
      "Usage: {0} [-c FILE | -e] [-t]\n"
      "       {0} -v | -g | -h\n"
      "       {0} demo [URL]       publish a test picture with sound (default: rtmp://127.0.0.1/live/demo)\n"
      "       {0} migrate FILE     a configuration of SRS, nginx-rtmp or MediaMTX as one of Weir\n"
      "       {0} probe FILE|-     what is in a stream of MPEG-TS or FLV, and what is wrong with it\n"
      "       {0} bench --help     a load of publishers and players\n"
      "\n"
      "  -c, --config FILE   configuration file (default: {3}, else {1})\n"
      "  -t, --test          check the configuration and leave: 0 if it is good, {2} if not\n"
      "  -e, --env           no file: all settings come from SRS_... variables\n"
      "  -v, -V, --version   print the version, and which commit of which day it was built from\n"
      "  -g, -G, --signature print name and version as clients see them\n"
      "  -h, -?, --help      print this\n"
      "\n"
      "SRS_CONFIG_FILE stands in for -c, SRS_ENV_ONLY for -e. Every directive of the file has a variable: that of\n"
      "'http_api {{ listen 1985; }}' is SRS_HTTP_API_LISTEN; vhosts have no name there.\n"
      "\n"
      "  {0} -c conf/weir.conf\n"
      "  SRS_LISTEN=1935 SRS_HTTP_SERVER_ENABLED=on SRS_VHOST_HTTP_REMUX_ENABLED=on {0} -e\n",
      program, default_config_file, bad_config_status, installed_config_file);
}

}  // namespace weir::config
