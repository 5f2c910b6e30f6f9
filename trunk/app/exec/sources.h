#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "app/exec/child.h"
#include "hub/hub.h"
#include "session/common/upstream/fetcher.h"

namespace weir::exec {

// The programs of one worker that write a stream to their standard output (exec: sources). An attempt of its pull has a
// program run; one that is no longer wanted gets SIGTERM, and SIGKILL if it does not listen, with all that it started.
// What it says on its standard error goes to ff_log_dir, bounded. Made before the worker starts, then used on it.
class Sources {
 public:
  static constexpr std::size_t most_programs = 256;  // of a worker, with those that are leaving

  explicit Sources(hub::Hub& hub);
  Sources(const Sources&) = delete;

  // "exec:PROGRAM ARGUMENT ...", words as config::words_of_command() has them, filled by command_of(). Errc.
  base::Result<session::upstream::Place> place_of(const std::string& url);

  std::size_t running() const { return programs_.size(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    Child child;
    Command command;
    std::optional<std::string> how{};  // it ended
    bool leaving = false;              // no attempt has it any longer
    Clock::time_point kill_at{};
  };
  class Fetcher;
  // Its process, for one attempt.
  class Hold {
   public:
    Hold(Running& running) : running_(running) {}
    ~Hold();
    Hold(const Hold&) = delete;
    Running& operator*() const { return running_; }

   private:
    Running& running_;
  };
  base::Result<Running*> start(const std::vector<std::string>& words, session::upstream::Attempt& attempt, int output);
  void tick();

  // given
  hub::Hub& hub_;

  // owned
  std::list<Running> programs_;

  // state
  unsigned ticks_ = 0;
};

}  // namespace weir::exec
