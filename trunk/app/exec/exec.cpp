#include "app/exec/exec.h"

#include <algorithm>

#include "base/log_flood.h"
#include "base/text.h"

namespace weir::exec {

Exec::Exec(hub::Hub& hub) : hub_(hub) {
  hub_.events().observe([this](const hub::Event& event) { on_event(event); });
  hub_.worker().every_tick([this] { tick(); });
}

std::size_t Exec::running() const {
  return static_cast<std::size_t>(
      std::count_if(programs_.begin(), programs_.end(), [](const Of& one) { return one.program.running(); }));
}

void Exec::on_event(const hub::Event& event) {
  if (event.kind == hub::Event::Kind::publish) publish(event);
  if (event.kind == hub::Event::Kind::unpublish) unpublish(event.id);
}

void Exec::publish(const hub::Event& event) {
  const config::Exec& settings = event.request.vhost->exec;
  if (!settings.enabled) return;
  const log::Context who{hub_.worker().logger(), event.id, {}, log::origin_of(event.request.peer.address)};
  const auto& listens = hub_.config()->rtmp.listen;
  const Facts facts{event.request, listens.empty() ? std::uint16_t{1935} : listens.front().port,
                    std::chrono::system_clock::now()};
  for (const auto& words : settings.publish) {
    std::string at_fault;
    auto command = command_of(words, facts, &at_fault);
    if (!command || programs_.size() >= most_programs) {
      ++refused_;
      log::warn(who, "exec {}: not started, {}{}", words.empty() ? "" : words.front(),
                command ? "too many programs run" : command.error().message(),
                at_fault.empty() ? "" : " (variable [" + at_fault + "])");
      continue;
    }
    std::string name = "exec " + command->words.front();
    programs_.push_back(
        {event.id, Program(Program::Given{
                       .name = std::move(name), .command = *std::move(command), .log = who, .has_media = {}})});
    programs_.back().program.tick(Program::Clock::now());
  }
}

void Exec::unpublish(const base::SessionId& publisher) {
  for (Of& one : programs_) {
    if (one.publisher == publisher) one.program.end(Program::Clock::now());
  }
}

void Exec::tick() {
  const auto now = Program::Clock::now();
  programs_.remove_if([now](Of& one) {
    one.program.tick(now);
    return one.program.over();
  });
}

}  // namespace weir::exec
