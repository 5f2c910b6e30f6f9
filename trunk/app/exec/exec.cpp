#include "app/exec/exec.h"

#include <algorithm>

#include "base/text.h"

namespace weir::exec {

Exec::Exec(hub::Hub& hub) : hub_(hub) {
  hub_.events().observe([this](const hub::Event& event) { on_event(event); });
  hub_.worker().every_tick([this] { tick(); });
}

std::size_t Exec::running() const {
  return static_cast<std::size_t>(std::count_if(programs_.begin(), programs_.end(),
                                                [](const Program& program) { return program.child.has_value(); }));
}

void Exec::on_event(const hub::Event& event) {
  if (event.kind == hub::Event::Kind::publish) publish(event);
  if (event.kind == hub::Event::Kind::unpublish) unpublish(event.id);
}

void Exec::publish(const hub::Event& event) {
  const config::Exec& settings = event.request.vhost->exec;
  if (!settings.enabled) return;
  const log::Context who{hub_.worker().logger(), event.id, {}};
  const auto& listens = hub_.config()->rtmp.listen;
  const Facts facts{event.request, listens.empty() ? std::uint16_t{1935} : listens.front().port,
                    std::chrono::system_clock::now()};
  for (const auto& words : settings.publish) {
    auto command = command_of(words, facts);
    if (!command || programs_.size() >= most_programs) {
      ++refused_;
      log::warn(who, "exec {}: not started, {}", words.empty() ? "" : words.front(),
                command ? "too many programs run" : command.error().message());
      continue;
    }
    programs_.push_back({.publisher = event.id, .command = *std::move(command), .log = who, .child = {}});
    start(programs_.back());
  }
}

void Exec::unpublish(const base::SessionId& publisher) {
  for (Program& program : programs_) {
    if (program.publisher != publisher) continue;
    program.leaving = true;
    program.next = Clock::now() + term_grace;
    if (program.child) program.child->ask_to_end();
  }
}

void Exec::start(Program& program) {
  auto child = Child::start(program.command);
  program.next = Clock::now() + restart_pause;
  if (!child) {
    log::error(program.log, "exec {}: cannot be started: {}", program.command.words.front(), child.error().message());
    return;
  }
  ++started_;
  log::info(program.log, "exec {}: started as process {}", program.command.words.front(), child->pid());
  program.child.emplace(std::move(*child));
}

bool Exec::is_over(Program& program) {
  const auto now = Clock::now();
  if (program.child) {
    if (const auto how = program.child->ended()) {
      log::info(program.log, "exec {}: ended with {}", program.command.words.front(), *how);
      program.child.reset();
      if (!program.leaving) program.next = now + restart_pause;
    }
  }
  if (program.leaving) return !program.child || now >= program.next;  // what is over is killed if it still runs
  if (!program.child && now >= program.next) start(program);
  return false;
}

void Exec::tick() {
  programs_.remove_if([this](Program& program) { return is_over(program); });
}

}  // namespace weir::exec
