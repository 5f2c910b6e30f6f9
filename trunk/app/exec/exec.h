#pragma once

#include <list>

#include "app/exec/program.h"
#include "hub/hub.h"

namespace weir::exec {

// Runs the programs of `exec { publish ...; }` while a stream is published, starts them again when they end, and ends
// them with it. Per worker, for the streams that are published there. As an observer: publishing does not wait for it.
class Exec {
 public:
  static constexpr std::size_t most_programs = 256;  // of a worker

  explicit Exec(hub::Hub& hub);

  std::size_t running() const;
  std::uint64_t refused() const { return refused_; }

 private:
  struct Of {
    base::SessionId publisher;
    Program program;
  };

  void on_event(const hub::Event& event);
  void publish(const hub::Event& event);
  void unpublish(const base::SessionId& publisher);
  void tick();

  // given
  hub::Hub& hub_;
  // owned
  std::list<Of> programs_;
  // state
  std::uint64_t refused_ = 0;
};

}  // namespace weir::exec
