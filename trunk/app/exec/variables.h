#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "app/exec/child.h"
#include "base/log.h"
#include "config/config.h"

namespace weir::exec {

// The commands of `variables { NAME { command ...; } }`: each is run again and again, without a shell, and the first
// line of its standard output is what the variable stands for. What a command said once counts until it says something
// else: a failure is told and changes nothing. No value is ever in a log line or in a state.
//
// Main thread, but for said() and state(), which any thread may call.
class VariableCommands {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t most_running = 8;  // at a time

  explicit VariableCommands(log::Context log) : log_(std::move(log)) {}
  VariableCommands(const VariableCommands&) = delete;

  // Several times a second, with the configuration that runs. True: one said something else than before, so that the
  // configuration is to be read again.
  bool tick(const config::Config& config, Clock::time_point now);
  // One is running, and will soon have said what it says.
  bool busy() const { return running_ > 0; }

  std::optional<std::string> said(const config::Variable& variable) const;

  struct State {
    bool known = false;
    Clock::time_point since{};  // when it said so last
    std::uint64_t runs = 0, failures = 0;
    std::string fault;  // of the last run, in words; empty: it went well
  };
  State state(const config::Variable& variable) const;

 private:
  struct Run {
    Child child;
    int output;
    std::string text{};
    Clock::time_point end{};
    Run(Child of, int descriptor, Clock::time_point limit) : child(std::move(of)), output(descriptor), end(limit) {}
    Run(const Run&) = delete;
    ~Run();
  };
  struct Of {
    std::unique_ptr<Run> run;
    Clock::time_point next{};
    unsigned failed = 0;  // in a row
    bool seen = false;    // in the configuration, by this tick
  };
  struct Said {
    std::optional<std::string> value;
    State state;
  };
  void start(const config::Variable& variable, Of& of, Clock::time_point now);
  bool look(const config::Variable& variable, Of& of, Clock::time_point now);
  bool over(const config::Variable& variable, Of& of, const std::string& how, Clock::time_point now);
  void fail(const config::Variable& variable, Of& of, const std::string& why, Clock::time_point now);

  // given
  log::Context log_;

  // owned
  std::map<std::string, Of> all_;
  mutable std::mutex mutex_;
  std::map<std::string, Said> said_;  // under the mutex

  // state
  std::size_t running_ = 0;
};

}  // namespace weir::exec
