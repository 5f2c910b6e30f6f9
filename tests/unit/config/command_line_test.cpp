#include "config/command_line.h"

#include <algorithm>

#include "unit/config/support.h"

namespace weir::test::command_line_test {

using namespace weir::config;
using Action = CommandLine::Action;

namespace {

CommandLine parse(std::vector<std::string_view> arguments, const Environment& environment = {}) {
  return parse_command_line(arguments, environment);
}

}  // namespace

TEST_CASE("the file may stand beside -c or behind it", "[config]") {
  CHECK(parse({"-c", "a.conf"}).file == "a.conf");
  CHECK(parse({"-ca.conf"}).file == "a.conf");
  CHECK(parse({"--config=a.conf"}).file == "a.conf");
  CHECK(parse({"--config", "a.conf"}).file == "a.conf");
  CHECK(parse({"-c", "a.conf"}).action == Action::run);
  CHECK(parse({"-tc", "a.conf"}).file == "a.conf");
  CHECK(parse({"-c"}).action == Action::refuse);
  CHECK(parse({"-t"}).file == default_config_file);
}

TEST_CASE("letters and long options", "[config]") {
  CHECK(parse({"-t", "-c", "a"}).action == Action::test);
  CHECK(parse({"-c", "a", "--test"}).action == Action::test);
  for (const char* option : {"-v", "-V", "--version"}) CHECK(parse({option}).action == Action::version);
  for (const char* option : {"-g", "-G", "--signature"}) CHECK(parse({option}).action == Action::signature);
  for (const char* option : {"-h", "-?", "--help"}) CHECK(parse({option}).action == Action::help);
  CHECK(parse({}).action == Action::help);
  CHECK(parse({"-t", "-v"}).action == Action::version);
  CHECK(parse({"-e"}).environment_only);
  CHECK(parse({"-e", "-c", "a"}).file.empty());
  CHECK(parse({"-e", "-t"}).action == Action::test);
}

TEST_CASE("what is not understood is refused", "[config]") {
  for (const char* option : {"-x", "-tx", "--no-such", "--version=1", "word", "-", "--"}) {
    INFO(option);
    const auto result = parse({option});
    CHECK(result.action == Action::refuse);
    CHECK_FALSE(result.complaint.empty());
  }
}

TEST_CASE("variables stand in for options", "[config]") {
  CHECK(parse({}, {{"SRS_CONFIG_FILE", "e.conf"}}).file == "e.conf");
  CHECK(parse({}, {{"SRS_CONFIG_FILE", "e.conf"}}).action == Action::run);
  CHECK(parse({"-c", "a.conf"}, {{"SRS_CONFIG_FILE", "e.conf"}}).file == "e.conf");
  CHECK(parse({"-c", "a.conf"}, {{"SRS_ENV_ONLY", ""}}).environment_only);
  CHECK(parse({}, {{"SRS_ENV_ONLY", "1"}}).action == Action::run);
}

TEST_CASE("without a file the installed one counts, then that of the tree, and it is told", "[config]") {
  std::vector<std::string> there{installed_config_file, default_config_file};
  const auto exists = [&there](const char* place) {
    return std::find(there.begin(), there.end(), place) != there.end();
  };
  CHECK(parse_command_line({}, {}, exists).file == installed_config_file);
  CHECK(parse_command_line({}, {}, exists).found);
  CHECK(parse_command_line({}, {}, exists).action == Action::run);
  const std::vector<std::string_view> named{"-c", "a.conf"}, test{"-t"};
  CHECK(parse_command_line(named, {}, exists).file == "a.conf");
  CHECK_FALSE(parse_command_line(named, {}, exists).found);
  CHECK_FALSE(parse_command_line({}, {{"SRS_CONFIG_FILE", "e.conf"}}, exists).found);
  CHECK_FALSE(parse_command_line({}, {{"SRS_ENV_ONLY", "on"}}, exists).found);
  there.erase(there.begin());
  CHECK(parse_command_line(test, {}, exists).file == default_config_file);
  CHECK(parse_command_line(test, {}, exists).found);
  there.clear();
  CHECK(parse_command_line({}, {}, exists).action == Action::help);
  CHECK_FALSE(parse_command_line(test, {}, exists).found);
}

TEST_CASE("the help names each option", "[config]") {
  const auto text = help_text("weir");
  for (const char* option : {"-c", "-t", "-e", "-v", "-g", "-h", "SRS_CONFIG_FILE"})
    CHECK(text.find(option) != std::string::npos);
  CHECK(bad_config_status == 255);
}

}  // namespace weir::test::command_line_test
