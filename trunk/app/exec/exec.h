#pragma once

#include <chrono>
#include <list>
#include <optional>

#include "app/exec/child.h"
#include "base/log.h"
#include "hub/hub.h"

namespace weir::exec {

// Runs the programs of `exec { publish ...; }` while a stream is published, starts them again when they end, and ends
// them with it. Per worker, for the streams that are published there. As an observer: publishing does not wait for it.
class Exec {
 public:
  static constexpr std::chrono::seconds restart_pause{3}, term_grace{3};
  static constexpr std::size_t most_programs = 256;  // of a worker

  explicit Exec(hub::Hub& hub);

  std::size_t running() const;
  std::uint64_t started() const { return started_; }
  std::uint64_t refused() const { return refused_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Program {
    base::SessionId publisher;
    Command command;
    log::Context log;
    std::optional<Child> child;
    Clock::time_point next{};  // start again, or kill
    bool leaving = false;
  };

  void on_event(const hub::Event& event);
  void publish(const hub::Event& event);
  void unpublish(const base::SessionId& publisher);
  void tick();
  void start(Program& program);
  bool is_over(Program& program);

  // given
  hub::Hub& hub_;
  // owned
  std::list<Program> programs_;
  // state
  std::uint64_t started_ = 0, refused_ = 0;
};

}  // namespace weir::exec
