#include "app/exec/variables.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "config/variables.h"

namespace weir::exec {

namespace {

constexpr std::chrono::seconds first_pause{1};  // after a failure; doubled by each that follows, up to `every`
constexpr unsigned most_doublings = 6;

// Another command of the same name knows nothing of what this one said.
std::string key_of(const config::Variable& variable) {
  std::string key = variable.name;
  for (const std::string& word : variable.command) (key += '\0') += word;
  return key;
}

}  // namespace

VariableCommands::Run::~Run() { ::close(output); }

bool VariableCommands::tick(const config::Config& config, Clock::time_point now) {
  bool changed = false;
  for (auto& [key, of] : all_) of.seen = false;
  for (const config::Variable& variable : config.variables) {
    if (variable.from != config::Variable::From::command) continue;
    Of& of = all_[key_of(variable)];
    of.seen = true;
    if (!of.run && now >= of.next && running_ < most_running) start(variable, of, now);
    if (of.run) changed = look(variable, of, now) || changed;
  }
  std::erase_if(all_, [&](const auto& one) { return !one.second.seen; });  // what runs for one is killed
  running_ = static_cast<std::size_t>(std::ranges::count_if(all_, [](const auto& one) { return !!one.second.run; }));
  const std::scoped_lock lock(mutex_);
  std::erase_if(said_, [&](const auto& one) { return !all_.contains(one.first); });
  return changed;
}

void VariableCommands::start(const config::Variable& variable, Of& of, Clock::time_point now) {
  {
    const std::scoped_lock lock(mutex_);
    ++said_[key_of(variable)].state.runs;
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return fail(variable, of, "there are no descriptors", now);
  // The pipe by its name: the child opens it anew, before all that is not for it is closed, and may wait for room in
  // it.
  auto child = Child::start({.words = variable.command,
                             .redirects = {{.descriptor = 1, .path = fmt::format("/proc/self/fd/{}", ends[1])},
                                           {.descriptor = 2, .path = "/dev/null"}}});
  ::close(ends[1]);
  if (!child) {
    ::close(ends[0]);
    return fail(variable, of, "it cannot be started: " + child.error().message(), now);
  }
  ++running_;
  of.run = std::make_unique<Run>(*std::move(child), ends[0], now + variable.timeout);
}

bool VariableCommands::look(const config::Variable& variable, Of& of, Clock::time_point now) {
  Run& run = *of.run;
  const auto how = run.child.ended();  // before the last of its output is read
  std::array<char, 4096> room;
  while (run.text.size() <= config::longest_variable) {
    const ssize_t count = ::read(run.output, room.data(), room.size());
    if (count <= 0) break;
    run.text.append(room.data(), static_cast<std::size_t>(count));
  }
  if (run.text.size() > config::longest_variable && run.text.find('\n') > config::longest_variable) {
    fail(variable, of, fmt::format("its first line is longer than {} bytes", config::longest_variable), now);
    return false;
  }
  if (how) return over(variable, of, *how, now);
  if (run.text.size() > config::longest_variable) {
    fail(variable, of, fmt::format("it says more than {} bytes", config::longest_variable), now);
  } else if (now >= run.end) {
    fail(variable, of, fmt::format("it had not ended after {} s, and was killed", variable.timeout.count() / 1000),
         now);
  }
  return false;
}

bool VariableCommands::over(const config::Variable& variable, Of& of, const std::string& how, Clock::time_point now) {
  if (how != "exit status 0") return fail(variable, of, "it ended with " + how, now), false;
  std::string value(base::trim(of.run->text.substr(0, of.run->text.find('\n')), " \t\r"));
  if (value.empty()) return fail(variable, of, "it said nothing", now), false;
  if (!config::is_variable_value(value))
    return fail(variable, of, "its first line has a control character", now), false;
  of.run.reset();
  of.failed = 0;
  of.next = now + variable.every;
  const std::scoped_lock lock(mutex_);
  Said& said = said_[key_of(variable)];
  if (!said.state.fault.empty()) log::info(log_, "variable {}: its command does again what it is to do", variable.name);
  said.state.fault.clear();
  said.state.known = true;
  said.state.since = now;
  if (said.value == value) return false;
  said.value = std::move(value);
  return true;
}

void VariableCommands::fail(const config::Variable& variable, Of& of, const std::string& why, Clock::time_point now) {
  of.run.reset();  // which kills it, and what it started
  const auto pause = std::chrono::milliseconds(first_pause) * (1U << std::min(of.failed++, most_doublings));
  of.next = now + std::min<std::chrono::milliseconds>(variable.every, pause);
  const std::scoped_lock lock(mutex_);
  State& state = said_[key_of(variable)].state;
  ++state.failures;
  if (state.fault == why) return;
  state.fault = why;
  log::warn(log_, "variable {}: {}: {}", variable.name, variable.command.front(), why);
}

std::optional<std::string> VariableCommands::said(const config::Variable& variable) const {
  const std::scoped_lock lock(mutex_);
  const auto found = said_.find(key_of(variable));
  return found == said_.end() ? std::nullopt : found->second.value;
}

VariableCommands::State VariableCommands::state(const config::Variable& variable) const {
  const std::scoped_lock lock(mutex_);
  const auto found = said_.find(key_of(variable));
  return found == said_.end() ? State() : found->second.state;
}

}  // namespace weir::exec
