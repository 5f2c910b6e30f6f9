// Commands that say what variables stand for.
#include "app/exec/variables.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::variables_test {

using namespace std::chrono_literals;
using config::Variable;
using exec::VariableCommands;

namespace {

Variable variable_of(std::vector<std::string> command, std::chrono::milliseconds timeout = 5s) {
  return {.name = "key",
          .from = Variable::From::command,
          .known = false,
          .command = std::move(command),
          .every = 60s,
          .timeout = timeout};
}

struct CommandsBench {
  explicit CommandsBench(Variable variable) { config.variables = {std::move(variable)}; }

  // The clock is the test's; the processes are real, so what they do is waited for.
  bool tick_until(const std::function<bool()>& done) {
    return test::soon([&] {
      changes += commands.tick(config, now) ? 1 : 0;
      return done();
    });
  }
  const Variable& variable() const { return config.variables.front(); }
  VariableCommands::State state() const { return commands.state(variable()); }
  bool has_run(std::uint64_t times) {
    return tick_until([&] { return state().runs == times && !commands.busy(); });
  }

  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  config::Config config;
  VariableCommands commands{{logger.get(), {}, {}}};
  VariableCommands::Clock::time_point now = VariableCommands::Clock::now();
  int changes = 0;
};

struct Scratch {
  explicit Scratch(const std::string& text)
      : path((std::filesystem::temp_directory_path() / ("weir-variable-" + std::to_string(::getpid()))).string()) {
    put(text);
  }
  ~Scratch() { std::filesystem::remove(path); }
  void put(const std::string& text) const { std::ofstream(path, std::ios::trunc) << text; }
  std::string path;
};

}  // namespace

TEST_CASE("a variable is the first line that its command says", "[exec][variables]") {
  const Scratch file("  s3cret \nand more\n");
  CommandsBench bench(variable_of({"/bin/cat", file.path}));
  CHECK_FALSE(bench.commands.said(bench.variable()));
  REQUIRE(bench.has_run(1));
  CHECK(bench.commands.said(bench.variable()) == "s3cret");
  CHECK(bench.changes == 1);
  CHECK(bench.state().known);
  CHECK(bench.state().fault.empty());
  // Not again before its time, and what it says again changes nothing.
  bench.now += 59s;
  CHECK(bench.has_run(1));
  bench.now += 2s;
  REQUIRE(bench.has_run(2));
  CHECK(bench.changes == 1);
  file.put("other\n");
  bench.now += 61s;
  REQUIRE(bench.has_run(3));
  CHECK(bench.changes == 2);
  CHECK(bench.commands.said(bench.variable()) == "other");
  // Another command of that name knows nothing of it.
  CHECK_FALSE(bench.commands.said(variable_of({"/bin/echo", "x"})));
  // It is no longer configured.
  const Variable variable = bench.variable();
  bench.config.variables.clear();
  CHECK_FALSE(bench.commands.tick(bench.config, bench.now));
  CHECK_FALSE(bench.commands.said(variable));
}

TEST_CASE("a command that fails changes nothing, and is tried again after pauses that grow", "[exec][variables]") {
  const Scratch file("first\n");
  CommandsBench bench(variable_of({"/bin/cat", file.path}));
  REQUIRE(bench.has_run(1));
  std::filesystem::remove(file.path);
  bench.now += 61s;
  REQUIRE(bench.has_run(2));
  CHECK(bench.state().fault == "it ended with exit status 1");
  CHECK(bench.commands.said(bench.variable()) == "first");
  CHECK(bench.changes == 1);
  bench.now += 1100ms;
  REQUIRE(bench.has_run(3));
  bench.now += 1100ms;
  CHECK(bench.has_run(3));  // two seconds by now
  bench.now += 1100ms;
  REQUIRE(bench.has_run(4));
  CHECK(bench.state().failures == 3);
  file.put("second\n");
  bench.now += 10s;
  REQUIRE(bench.has_run(5));
  CHECK(bench.state().fault.empty());
  CHECK(bench.commands.said(bench.variable()) == "second");
}

TEST_CASE("what a command may not do is told in words", "[exec][variables]") {
  const auto fault_of = [](std::vector<std::string> command) {
    CommandsBench bench(variable_of(std::move(command)));
    REQUIRE(bench.tick_until([&] { return bench.state().failures > 0; }));
    CHECK_FALSE(bench.commands.said(bench.variable()));
    CHECK(bench.changes == 0);
    return bench.state().fault;
  };
  CHECK(fault_of({"/no/such/program"}) == "it cannot be started: No such file or directory");
  CHECK(fault_of({"/bin/true"}) == "it said nothing");
  CHECK(fault_of({"/bin/sh", "-c", "kill -9 $$"}) == "it ended with signal 9");
  CHECK(fault_of({"/usr/bin/printf", "a\\001b\\n"}) == "its first line has a control character");
  CHECK(fault_of({"/bin/cat", "/dev/zero"}) == "its first line is longer than 4096 bytes");
  CHECK(fault_of({"/usr/bin/yes", "s3cret"}) == "it says more than 4096 bytes");
}

TEST_CASE("a command that does not end is killed, with what it started", "[exec][variables]") {
  CommandsBench bench(variable_of({"/bin/sh", "-c", "trap '' TERM; sleep 1000"}, 2s));
  REQUIRE(bench.tick_until([&] { return bench.commands.busy(); }));
  bench.now += 1900ms;
  CHECK_FALSE(bench.commands.tick(bench.config, bench.now));
  CHECK(bench.commands.busy());
  bench.now += 200ms;
  CHECK_FALSE(bench.commands.tick(bench.config, bench.now));
  CHECK_FALSE(bench.commands.busy());
  CHECK(bench.state().fault == "it had not ended after 2 s, and was killed");
}

}  // namespace weir::test::variables_test
