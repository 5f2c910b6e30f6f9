#include "app/exec/program.h"

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::program_test {

using namespace std::chrono_literals;
using exec::Program;
using Clock = Program::Clock;

namespace {

struct Bench {
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  Clock::time_point now = Clock::now();

  Program::Given given(std::vector<std::string> words) const {
    Program::Given given{.name = "test", .command = {}, .log = {logger.get(), {}, {}}};
    given.command.words = std::move(words);
    return given;
  }
  // The clock is the test's; the processes are real, so what they do is waited for.
  bool tick_until(Program& program, const std::function<bool()>& done) {
    return test::soon([&] {
      program.tick(now);
      return done();
    });
  }
};

// A shell that does not listen to SIGTERM, and says in a file that it is so far.
std::vector<std::string> deaf(const std::string& file) {
  return {"/bin/sh", "-c", "trap '' TERM; echo $$ > " + file + "; while :; do sleep 1; done"};
}

std::string scratch(const char* name) {
  const auto file = std::filesystem::temp_directory_path() / ("weir-program-" + std::to_string(::getpid()) + name);
  std::filesystem::remove(file);
  return file.string();
}

int pid_in(const std::string& file) {
  int pid = 0;
  std::ifstream(file) >> pid;
  return pid;
}

}  // namespace

TEST_CASE("a program that ends is started again, after pauses that grow", "[exec]") {
  Bench bench;
  Program program(bench.given({"/bin/true"}));
  for (std::uint64_t round = 1; round <= 4; ++round) {
    INFO(round);
    REQUIRE(bench.tick_until(program, [&] { return program.starts() == round && !program.running(); }));
    CHECK(program.fault() == "exit status 0");
    const auto rule = 1000ms * (1 << (round - 1));
    bench.now += rule / 2;
    program.tick(bench.now);
    CHECK(program.starts() == round);
    bench.now += rule;
  }
}

TEST_CASE("a program that is not there is tried again, and told of", "[exec]") {
  Bench bench;
  Program program(bench.given({"/no/such/program"}));
  program.tick(bench.now);
  CHECK_FALSE(program.running());
  CHECK_FALSE(program.fault().empty());
  program.end(bench.now);
  CHECK(program.over());
}

TEST_CASE("a program that does not listen is killed with all that it started", "[exec]") {
  Bench bench;
  const std::string file = scratch("deaf");
  Program program(bench.given(deaf(file)));
  REQUIRE(bench.tick_until(program, [&] { return pid_in(file) > 0; }));
  const int pid = pid_in(file);
  program.end(bench.now);
  program.tick(bench.now + Program::term_grace - 1s);
  CHECK_FALSE(program.over());
  CHECK(::kill(-pid, 0) == 0);
  program.tick(bench.now + Program::term_grace);
  CHECK(program.over());
  CHECK(test::soon([&] { return ::kill(-pid, 0) != 0; }));
  std::filesystem::remove(file);
}

TEST_CASE("a program from which nothing comes is ended and started again", "[exec]") {
  Bench bench;
  bool flows = true;
  auto given = bench.given({"/bin/sleep", "1000"});
  given.has_media = [&] { return flows; };
  Program program(std::move(given));
  program.tick(bench.now);
  REQUIRE(program.running());
  bench.now += 10 * Program::silence_limit;
  program.tick(bench.now);
  CHECK(program.running());
  flows = false;
  bench.now += Program::silence_limit;
  program.tick(bench.now);
  CHECK(program.starts() == 1);
  bench.now += 1s;
  REQUIRE(bench.tick_until(program, [&] { return !program.running(); }));
  bench.now += 40s;
  program.tick(bench.now);
  CHECK(program.starts() == 2);
}

TEST_CASE("what a program writes is kept up to a bound", "[exec]") {
  Bench bench;
  const std::string file = scratch("log");
  std::ofstream(file) << std::string(5000, 'x');
  auto given = bench.given({"/bin/echo", "hello"});
  given.command.redirects = {{.descriptor = 1, .path = file, .append = true}};
  SECTION("of its own matter it is not ours to cut") {
    Program program(given);
    REQUIRE(bench.tick_until(program, [&] { return program.starts() == 1 && !program.running(); }));
    CHECK(std::filesystem::file_size(file) == 5006);
  }
  SECTION("a log that is too large begins anew") {
    given.largest_log_bytes = 4000;
    Program program(given);
    REQUIRE(bench.tick_until(program, [&] { return program.starts() == 1 && !program.running(); }));
    CHECK(std::filesystem::file_size(file) == 6);
  }
  std::filesystem::remove(file);
}

}  // namespace weir::test::program_test
